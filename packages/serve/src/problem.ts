import { STATUS_CODES } from 'node:http';
import { AtrousError, type ErrorCode } from '@atrous/tensor';
import type { FastifyReply } from 'fastify';

/** An answer that says why there is no other (RFC 9457). */
export interface Problem {
  readonly type: 'about:blank';
  /** What the status means. */
  readonly title: string;
  readonly status: number;
  /** What was wrong with this request, and what to do. */
  readonly detail: string;
  /** The request's id, which the log has, too. */
  readonly instance?: string;
}

export const problemType = 'application/problem+json';

export const problemSchema = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail'],
  properties: {
    type: { type: 'string', description: 'about:blank' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'what was wrong with this request, and what to do' },
    instance: { type: 'string', description: "the request's id, which the log has, too" },
  },
} as const;

export const problemOf = (status: number, detail: string, instance?: string): Problem => ({
  type: 'about:blank',
  title: STATUS_CODES[status] ?? 'Error',
  status,
  detail,
  ...(instance && { instance }),
});

export function sendProblem(reply: FastifyReply, status: number, detail: string): FastifyReply {
  const problem = problemOf(status, detail, `urn:request:${reply.request.id}`);
  // as bytes: to a text a charset would be added, which JSON does not have
  return reply
    .code(status)
    .type(problemType)
    .send(Buffer.from(JSON.stringify(problem)));
}

/** Something that is wrong with a request, as the caller is told it. */
export class RequestError extends Error {
  readonly status: number;

  constructor(status: number, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'RequestError';
    this.status = status;
  }
}

/** Errors of ours whose message is about the request. */
const ofRequest: Partial<Record<ErrorCode, number>> = {
  input: 422, // no picture, or not one that can be read
  memory: 422, // a picture that would need more than there is
};

/** What is said to the caller of an error; undefined for those that are ours, of which the log has all. */
export function toldOf(error: unknown): { status: number; detail: string } | undefined {
  if (error instanceof RequestError) return { status: error.status, detail: error.message };
  if (error instanceof AtrousError) {
    const status = ofRequest[error.code];
    return status === undefined ? undefined : { status, detail: error.message };
  }
  const { code, statusCode, message } = error as { code?: string; statusCode?: number; message?: string };
  if (code !== undefined && Object.hasOwn(told, code)) return told[code];
  if (statusCode === undefined || statusCode < 400 || statusCode > 499) return undefined;
  return { status: statusCode, detail: message ?? '' };
}

/** Errors of Fastify in words of ours. */
const told: Readonly<Record<string, { status: number; detail: string }>> = {
  FST_ERR_CTP_EMPTY_TYPE: {
    status: 415,
    detail: 'no Content-Type: expected that of the picture in the body, such as image/jpeg',
  },
};
