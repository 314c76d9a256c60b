/** src/adapters/web/stats-routes.tsx: the page of figures, for whoever is signed in. */
import type { FastifyInstance } from 'fastify';
import type { WebPorts } from './ports.ts';
import { StatsPage } from './stats-page.tsx';
import { sendPage, type Visitors } from './visitor.tsx';

export function statsRoutes(app: FastifyInstance, { ports, visitors }: { ports: WebPorts; visitors: Visitors }): void {
  app.get('/stats', async (request, reply) => {
    const session = visitors.sessionOf(request);
    if (session === null) return visitors.askToSignIn(request, reply, 401, '/stats');
    const stats = await ports.stats(session.person.id);
    return sendPage(reply, 200, <StatsPage session={session} stats={stats} />);
  });
}
