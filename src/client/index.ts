/** src/client/index.ts: `import { approval } from 'countersign'`. */
export { type Approval, type ApprovalOptions, approval, requireApproval } from './approval.ts';
export {
  type CallOptions,
  type Client,
  type ClientOptions,
  createClient,
  isRequestId,
  type OpenOptions,
} from './client.ts';
export {
  CountersignError,
  NotApprovedError,
  StillPendingError,
  UnexpectedAnswerError,
  UnreachableError,
} from './errors.ts';
export type { SimulateRequest, Simulation, SimulationPerson, SimulationStep } from './simulation.ts';
export type * from './stats.ts';
export type * from './types.ts';
export type { WaitOptions } from './waiting.ts';
