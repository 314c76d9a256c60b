import { describe, expect, it } from 'vitest';
import { startChat } from './chat.ts';

describe('a user of a chat', () => {
  it('is the person whose id the config names, in the home workspace', async () => {
    const { ports } = await startChat();
    expect(ports.personOf({ scope: 'T0HOME', id: 'U0ANA' }, true)).toBe('ana');
    expect(ports.addressOf('ana')).toBe('U0ANA');
    expect(ports.nameOf('ana')).toBe('Ana Silva');
  });

  it('of another workspace is nobody, even with an id that is somebody’s at home', async () => {
    const { ports } = await startChat();
    expect(ports.personOf({ scope: 'T0OTHER', id: 'U0ANA' }, false)).toBeNull();
  });

  it('of another workspace is somebody where the config names the full id', async () => {
    const { ports } = await startChat();
    expect(ports.personOf({ scope: 'T0OTHER', id: 'U0DORA' }, false)).toBe('dora');
    expect(ports.personOf({ scope: 'T0HOME', id: 'U0DORA' }, true)).toBeNull();
    expect(ports.addressOf('dora')).toBe('T0OTHER/U0DORA');
  });

  it.each(['u0ana', 'U0AN', 'U0ANA ', ' U0ANA', 'U0ANA\0', 'ana', 'Ana Silva', 'ana@acme.dev', '', 'T0OTHER/U0DORA'])(
    'is compared byte for byte: %j is nobody',
    async (id) => {
      const { ports } = await startChat();
      expect(ports.personOf({ scope: 'T0HOME', id }, true)).toBeNull();
      expect(ports.personOf({ scope: '', id }, true)).toBeNull();
    },
  );

  it('of Teams is known by object id, whatever the case of its letters, and by tenant and object id', async () => {
    const { ports } = await startChat({ kind: 'teams', home: '11cc' });
    expect(ports.personOf({ scope: '11cc', id: '6f1c0000-AAAA' }, true)).toBe('ana');
    expect(ports.personOf({ scope: '22dd', id: '6f1c0000-aaaa' }, false)).toBeNull();
    expect(ports.personOf({ scope: '99AA-tenant', id: '77BB-user' }, false)).toBe('dora');
    expect(ports.personOf({ scope: '99aa-tenant', id: 'U0ANA' }, true)).toBeNull();
  });

  it('that nobody knows has no address, and is called by the id that was asked for', async () => {
    const { ports } = await startChat();
    expect(ports.addressOf('nobody')).toBeNull();
    expect(ports.nameOf('nobody')).toBe('nobody');
  });
});
