import { readPicture, type Segmenter } from '@atrous/segmenter';
import { fileFormats, idsOf, segmentToFiles } from '@atrous/segmenter/files';
import { messageOf } from '@atrous/tensor';
import { orAborted } from '@atrous/tensor/turns';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ServeLimits } from './limits.ts';
import type { Metrics, Stage } from './metrics.ts';
import { anyBytes, pictureTypeOf, pictureTypes } from './picture_type.ts';
import type { Place, Places } from './places.ts';
import { problemSchema, problemType, RequestError, sendProblem } from './problem.ts';
import { optionsOf, type Query, querySchema } from './query.ts';

/** What the log says of a request beside its line. */
interface Told {
  format?: string;
  width?: number;
  height?: number;
  milliseconds?: Partial<Record<Stage, number>>;
}

/** A request that has a place. */
interface Inside {
  readonly place: Place;
  isWorking: boolean;
  /**
   * Ends its work: the client went away, or its time is over. Fastify's own signal ends with the body, and its own time limit answers while
   * the handler still may.
   */
  readonly stop: AbortController;
}

declare module 'fastify' {
  interface FastifyRequest {
    inside: Inside | undefined;
    told: Told;
  }
}

const files = Object.values(fileFormats).map(({ type }) => type);
const problem = { content: { [problemType]: { schema: problemSchema } } };

const statuses = {
  400: 'an option that is unknown or out of range, or no body',
  408: 'the body did not arrive in time',
  413: 'a body of too many bytes',
  415: 'a Content-Type that is no picture',
  422: 'no picture, a damaged one, or one of too many pixels',
  429: 'too many requests wait already: Retry-After says when to come again',
  500: 'a fault of the service',
  503: 'the time of the request is over, or the service stops',
} as const;

/** `POST /segment`: a picture in the body, a file of the format that was asked for back. */
export function segmentRoute(
  app: FastifyInstance,
  segmenter: Segmenter,
  limits: ServeLimits,
  places: Places,
  metrics: Metrics,
): void {
  const seconds = limits.timeout / 1000;
  const tooLate = new RequestError(503, `no answer within ${seconds} seconds: come again, or ask for less`);
  app.decorateRequest('inside', undefined);
  app.post<{ Querystring: Query; Body: Buffer | undefined }>(
    '/segment',
    {
      bodyLimit: limits.maxBytes,
      schema: {
        summary: 'Finds what is in a picture',
        description: `The body is a picture file: ${pictureTypes.join(', ')}, or ${anyBytes} for any of them; of animations the first frame is taken.`,
        querystring: querySchema,
        response: {
          200: {
            description: 'the file',
            content: Object.fromEntries(
              [...new Set(files)].map((type) => [type, { schema: { type: 'string', format: 'binary' } }]),
            ),
          },
          ...Object.fromEntries(
            Object.entries(statuses).map(([status, description]) => [status, { description, ...problem }]),
          ),
        },
      },
      onRequest: async (request, reply) => {
        const place = places.enter();
        if (!place) {
          reply.header('retry-after', places.retryAfter());
          return sendProblem(
            reply,
            429,
            'too many requests wait already: come again after Retry-After seconds',
          );
        }
        const inside: Inside = { place, isWorking: false, stop: new AbortController() };
        request.inside = inside;
        const timer = setTimeout(() => inside.stop.abort(tooLate), limits.timeout);
        reply.raw.once('close', () => {
          clearTimeout(timer);
          inside.stop.abort();
          // what is under way cannot always be stopped at once: its place is free when it is over
          if (!inside.isWorking) place.leave();
        });
        if ((request.headers['content-encoding'] ?? 'identity') !== 'identity') {
          return sendProblem(reply, 415, 'Content-Encoding: expected the picture as it is, without one');
        }
      },
    },
    async (request, reply) => {
      const inside = request.inside!;
      inside.isWorking = true;
      const work = answer(request, inside).finally(inside.place.leave);
      try {
        const { bytes, type } = await orAborted(work, inside.stop.signal);
        return reply.type(type).send(bytes);
      } catch (error) {
        if (error === tooLate) reply.header('retry-after', places.retryAfter());
        throw error;
      }
    },
  );
  async function answer(
    request: FastifyRequest<{ Querystring: Query; Body: Buffer | undefined }>,
    { place, stop: { signal } }: Inside,
  ): Promise<{ bytes: Buffer; type: string }> {
    const { body, query, told } = request;
    const { format } = query;
    const times: Partial<Record<Stage, number>> = {};
    Object.assign(told, { format, milliseconds: times });
    const timed = async <T>(stage: Stage, work: () => Promise<T>): Promise<T> => {
      const start = performance.now();
      const value = await work();
      signal.throwIfAborted();
      const milliseconds = performance.now() - start;
      times[stage] = Math.round(milliseconds * 10) / 10;
      metrics.stage(stage, milliseconds / 1000);
      return value;
    };
    const options = optionsOf(query);
    if (options.classes) knownClasses(options.classes);
    if (!body || body.length === 0) throw new RequestError(400, 'no body: expected a picture file');
    if (!pictureTypeOf(body))
      throw new RequestError(422, `not a picture that is read here: expected ${pictureTypes.join(', ')}`);

    await timed('wait', () => place.turn(signal));
    const pixels = await timed('decode', () => readPicture(body, { maxPixels: limits.maxPixels, signal }));
    Object.assign(told, { width: pixels.width, height: pixels.height });
    const found = await timed('segment', () =>
      segmentToFiles(segmenter, pixels, [format], { ...options, signal }),
    );
    const bytes = await timed('encode', async () => {
      const pieces: Uint8Array[] = [];
      for await (const piece of found.encode(format, 'picture')) {
        signal.throwIfAborted();
        pieces.push(piece);
      }
      return Buffer.concat(pieces);
    });
    metrics.pixels(pixels.width * pixels.height);
    return { bytes, type: fileFormats[format].type };
  }

  /** @throws RequestError 400 */
  function knownClasses(wanted: readonly (string | number)[]): void {
    try {
      if (wanted.length > 0) idsOf(wanted, segmenter.classes);
      else throw new RequestError(400, 'classes: expected names or ids with commas between');
    } catch (cause) {
      throw new RequestError(400, messageOf(cause), { cause });
    }
  }
}
