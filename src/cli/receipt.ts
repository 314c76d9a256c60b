/** src/cli/receipt.ts: `receipt verify`: is this signed outcome genuine? Asks for the keys, and for nothing else. */
import { readFileSync } from 'node:fs';
import { text as textOf } from 'node:stream/consumers';
import { compactVerify, createLocalJWKSet, errors } from 'jose';
import { z } from 'zod';
import { urlOf } from './connection.ts';
import { CommandError, EXIT } from './failure.ts';
import type { Terminal } from './terminal.ts';
import { jsonText, plain } from './text.ts';

export interface ReceiptFlags {
  readonly jwks?: string;
  readonly json?: true;
}

const KEYS_TIMEOUT_MS = 10_000;

const Jwks = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) });
const Answered = z.object({ receipt: z.string() });
/** The claims that are shown; the others stand in `--json`. */
const Claims = z.looseObject({
  iss: z.string(),
  sub: z.string(),
  gate: z.string(),
  title: z.string(),
  digest: z.string(),
  subject: z.object({ name: z.string(), digest: z.string().nullable() }).nullable(),
  outcome: z.looseObject({
    status: z.string(),
    cause: z.string(),
    decidedBy: z.array(z.string()),
    decidedAt: z.string(),
  }),
});
type Claims = z.infer<typeof Claims>;

/**
 * 0: genuine, whatever the outcome. 1: not genuine.
 * @throws CommandError when the receipt or the keys can't be read
 */
export async function verifyReceipt(terminal: Terminal, file: string, { jwks, json }: ReceiptFlags): Promise<number> {
  const receipt = receiptIn(file === '-' ? await textOf(terminal.input) : read(file, 'receipt'));
  const checked = await check(receipt, await keysFrom(terminal, jwks));
  if ('problem' in checked) {
    terminal.out(
      json
        ? jsonText({ genuine: false, ...checked })
        : `${terminal.paint('red', '✗')} Not genuine: ${checked.problem}.`,
    );
    return EXIT.no;
  }
  const { claims } = checked;
  terminal.out(json ? jsonText({ genuine: true, claims }) : drawn(claims, terminal));
  return EXIT.done;
}

async function check(
  receipt: string,
  keys: z.infer<typeof Jwks>,
): Promise<{ readonly claims: Claims } | { readonly problem: string }> {
  try {
    const { payload, protectedHeader } = await compactVerify(receipt, createLocalJWKSet(keys), {
      algorithms: ['EdDSA'],
    });
    if (protectedHeader.typ !== 'countersign-receipt+jws') return { problem: 'it is signed, but no receipt' };
    return { claims: Claims.parse(JSON.parse(new TextDecoder().decode(payload))) };
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) return { problem: 'none of the keys has signed it' };
    if (error instanceof errors.JWSSignatureVerificationFailed) return { problem: 'its signature does not fit' };
    if (error instanceof errors.JOSEError) return { problem: 'it is no receipt that could be checked' };
    if (error instanceof SyntaxError || error instanceof z.ZodError)
      return { problem: 'it is signed, but says nothing that a receipt says' };
    throw error;
  }
}

function drawn({ iss, sub, gate, title, digest, subject, outcome }: Claims, { paint }: Terminal): string {
  const { status, cause, decidedBy, decidedAt } = outcome;
  const who = decidedBy.length === 0 ? '' : ` by ${decidedBy.join(', ')}`;
  const what =
    subject === null ? [] : [`subject ${subject.name}${subject.digest === null ? '' : ` ${subject.digest}`}`];
  return [
    `${paint('green', '✓')} Genuine: ${plain(`${status} (${cause})${who}, ${decidedAt}`)}`,
    ...[`${sub} at ${gate}, ${iss}`, title, ...what, `digest ${digest}`].map((line) => `  ${plain(line)}`),
  ].join('\n');
}

/** A receipt by itself, or the whole answer that it came in. */
function receiptIn(text: string): string {
  const trimmed = text.trim();
  if (!trimmed.startsWith('{')) return trimmed;
  try {
    return Answered.parse(JSON.parse(trimmed)).receipt;
  } catch {
    throw new CommandError('There is no receipt in this JSON.', 'Give what GET /v1/requests/{id}/receipt answers.');
  }
}

async function keysFrom(terminal: Terminal, place: string | undefined): Promise<z.infer<typeof Jwks>> {
  const from = place ?? `${urlOf(terminal).replace(/\/$/, '')}/.well-known/jwks.json`;
  const text = /^https?:\/\//.test(from) ? await fetched(from, terminal) : read(from, 'keys');
  try {
    return Jwks.parse(JSON.parse(text));
  } catch {
    throw new CommandError(`There are no keys at ${from}.`, '--jwks says where they are, in a file or at an address.');
  }
}

async function fetched(url: string, { interrupted }: Terminal): Promise<string> {
  const signal = AbortSignal.any([interrupted, AbortSignal.timeout(KEYS_TIMEOUT_MS)]);
  let status: number;
  try {
    const response = await fetch(url, { signal, redirect: 'error' });
    if (response.ok) return await response.text();
    ({ status } = response);
  } catch (error) {
    if (interrupted.aborted) throw error;
    throw new CommandError(
      `The keys at ${url} can't be fetched.`,
      'Keep them with the receipts, and give --jwks FILE.',
    );
  }
  throw new CommandError(`The keys at ${url} can't be fetched: it answers ${status}.`);
}

function read(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${error.code})` : '';
    throw new CommandError(`The ${what} can't be read from ${path}${code}.`);
  }
}
