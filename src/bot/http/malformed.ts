/**
 * src/bot/http/malformed.ts: answers to what never becomes a request with a route: bytes that are no HTTP, an address
 * that can't be decoded. Like every other error they are problem+json, and what was sent stays out of the log.
 */
import type { Socket } from 'node:net';
import type { FastifyBaseLogger, FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { type Problem, problemJson, sendProblem } from './problem.ts';

const PROBLEMS: Readonly<Record<string, Problem>> = {
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    code: 'timeout',
    title: 'Request timeout',
    detail: 'The request did not arrive in time.',
  },
  HPE_HEADER_OVERFLOW: {
    status: 431,
    code: 'headers-too-large',
    title: 'Request header fields too large',
    detail: 'The headers are too large.',
  },
  FST_ERR_BAD_URL: {
    status: 400,
    code: 'bad-address',
    title: 'Bad request',
    detail: 'The address is not properly percent-encoded.',
  },
  FST_ERR_MAX_PARAM_LENGTH: {
    status: 414,
    code: 'address-too-long',
    title: 'Address too long',
    detail: 'A part of the address is too long.',
  },
};
const NOT_HTTP: Problem = {
  status: 400,
  code: 'bad-request',
  title: 'Bad request',
  detail: 'This is not a request that HTTP knows.',
};

const problemOf = (code: string): Problem => PROBLEMS[code] ?? NOT_HTTP;

/** For `frameworkErrors`: the router can't read the address. Its path is not repeated: it may be anything. */
export function answerBadAddress(error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  sendProblem(reply, problemOf(error.code), '/');
}

/** For `clientErrorHandler`. The error holds the bytes that came, tokens included, so only its code is logged. */
export function answerNoHttp(log: FastifyBaseLogger, error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  log.debug({ code: error.code }, 'a client sent what is no HTTP');
  if (!socket.writable) return void socket.destroy();
  const problem = problemOf(error.code ?? '');
  const body = JSON.stringify(problemJson(problem, '/'));
  socket.end(
    `HTTP/1.1 ${problem.status} ${problem.title}\r\ncontent-type: application/problem+json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
