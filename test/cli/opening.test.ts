import { describe, expect, it } from 'vitest';
import { contextFrom, openRequestFrom } from '../../src/cli/opening.ts';

const files: Record<string, string> = { 'plan.json': '{"add": 3}', 'broken.json': '{' };
const readFile = (path: string) => files[path] ?? '';

describe('--context', () => {
  it.each<[string[], unknown]>([
    [['{"a": [1]}'], { a: [1] }],
    [['@plan.json'], { add: 3 }],
    [['version=1.10'], { version: '1.10' }],
    [['risk:=7', 'dry:=true'], { risk: 7, dry: true }],
    [['@plan.json', 'env=prod', '{"add": 4}'], { add: 4, env: 'prod' }],
    [['query=a=b:=c'], { query: 'a=b:=c' }],
    [['[1, 2]'], [1, 2]],
    [['note=two\nlines'], { note: 'two\nlines' }],
  ])('%j is %j', (given, expected) => {
    expect(contextFrom(given, readFile)).toEqual(expected);
  });

  it.each([
    [['nonsense'], /--context .* is not JSON/],
    [['@broken.json'], /The file broken.json .* is not JSON/],
    [['risk:=high'], /value of risk .* is not JSON/],
    [['[1]', 'a=b'], /can only be put together/],
  ])('refuses %j', (given, message) => {
    expect(() => contextFrom(given, readFile)).toThrow(message);
  });

  it('names a file that is not there', () => {
    expect(() => contextFrom(['@/no/such/file.json'])).toThrow(/no\/such\/file.json can't be read/);
  });
});

it('says only what was said', () => {
  expect(openRequestFrom('deploy', {})).toEqual({ gate: 'deploy' });
});

it('turns each option into its field', () => {
  const request = openRequestFrom('deploy', {
    title: 'Deploy',
    field: ['Cost=12 EUR=month'],
    artifact: ['plan=https://ci.example/plan'],
    subject: 'ghcr.io/acme/shop@sha256:ab12',
    requester: 'ben@acme.dev',
    callback: 'https://ci.example/cb',
    approver: ['ana', 'mia'],
    quorum: '2',
    timeout: '30m',
  });
  expect(request).toEqual({
    gate: 'deploy',
    title: 'Deploy',
    fields: [{ label: 'Cost', value: '12 EUR=month' }],
    artifacts: [{ name: 'plan', url: 'https://ci.example/plan' }],
    subject: { name: 'ghcr.io/acme/shop', digest: 'sha256:ab12' },
    requester: 'ben@acme.dev',
    callback: { url: 'https://ci.example/cb' },
    approvers: ['ana', 'mia'],
    quorum: 2,
    timeout: '30m',
  });
});
