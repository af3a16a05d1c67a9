import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Segmenter } from '@atrous/segmenter';
import helmet from '@fastify/helmet';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import fastify, { type FastifyInstance, type FastifyServerOptions, LogController } from 'fastify';
import { clientError } from './client_error.ts';
import { limitsOf, type ServeLimits } from './limits.ts';
import { makeMetrics } from './metrics.ts';
import { anyBytes, pictureTypes } from './picture_type.ts';
import { makePlaces } from './places.ts';
import { sendProblem, toldOf } from './problem.ts';
import { schemaError } from './query.ts';
import { segmentRoute } from './segment_route.ts';

export interface ServeOptions extends Partial<ServeLimits> {
  /** Pino's options, as Fastify takes them: a line of JSON for each request. @default false */
  readonly logger?: FastifyServerOptions['logger'];
}

/** The path below holds from `src` and from `dist`. */
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** What no page of the service may do. */
const nowhere = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** An id that a proxy may give. */
const requestId = /^[\w.:-]{1,100}$/;

/**
 * A Fastify server that segments pictures with a model that is loaded: `listen` starts it. `close` stops it: nothing new is
 * taken, what was taken is answered. The segmenter stays the caller's.
 * @throws AtrousError `input` for limits that cannot be
 */
export async function createServer(
  segmenter: Segmenter,
  options: ServeOptions = {},
): Promise<FastifyInstance> {
  const limits = limitsOf(options);
  const places = makePlaces(limits);
  const metrics = makeMetrics(segmenter, places);
  let isStopping = false;

  const app: FastifyInstance = fastify({
    logger: options.logger ?? false,
    logController: new LogController({ disableRequestLogging: true }), // a line of our own, below
    requestIdHeader: false,
    genReqId: ({ headers }) => {
      const given = headers['x-request-id'];
      return typeof given === 'string' && requestId.test(given) ? given : randomUUID();
    },
    requestTimeout: limits.timeout,
    http: { headersTimeout: Math.min(limits.timeout, 10_000), connectionsCheckingInterval: 1000 },
    return503OnClosing: false, // ours is a problem like all others
    clientErrorHandler: clientError,
    ajv: { customOptions: { removeAdditional: false, coerceTypes: true } },
    schemaErrorFormatter: schemaError,
    routerOptions: { maxParamLength: 200 },
  });
  app.decorateRequest('told');

  app.removeAllContentTypeParsers();
  app.addContentTypeParser([...pictureTypes, anyBytes], { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );

  app.addHook('preClose', async () => {
    isStopping = true;
  });
  app.addHook('onRequest', async (request, reply) => {
    request.told = {};
    reply.header('x-request-id', request.id);
    reply.raw.once('close', () => {
      const path = request.routeOptions.url ?? 'unknown';
      const status = reply.raw.writableFinished ? reply.statusCode : 499; // as nginx has it: the client went away
      if (path === '/segment')
        metrics.answered(request.told.format ?? 'none', status, reply.elapsedTime / 1000);
      const line = {
        method: request.method,
        url: request.url,
        status,
        ...request.told,
        responseTime: Math.round(reply.elapsedTime * 10) / 10,
      };
      if (path === '/healthz' || path === '/readyz' || path === '/metrics')
        request.log.debug(line, 'answered');
      else request.log.info(line, 'answered');
    });
    if (isStopping) return sendProblem(reply, 503, 'the service stops: come again');
  });
  app.addHook('onSend', async (_request, reply) => {
    // a server that stops keeps no connection
    if (isStopping) reply.header('connection', 'close');
  });
  app.setErrorHandler((error: Error & { code?: string }, request, reply) => {
    if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE')
      return sendProblem(reply, 413, `the body has too many bytes: expected at most ${limits.maxBytes}`);
    if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
      const given = JSON.stringify(request.headers['content-type']);
      return sendProblem(
        reply,
        415,
        `Content-Type ${given}: expected ${[...pictureTypes, anyBytes].join(', ')}`,
      );
    }
    if (reply.raw.destroyed) return reply; // the client went away: nobody to tell
    const told = toldOf(error);
    if (told) return sendProblem(reply, told.status, told.detail);
    request.log.error({ err: error }, 'failed');
    return sendProblem(reply, 500, 'the service failed at this request: its log says why');
  });
  app.setNotFoundHandler((request, reply) =>
    sendProblem(
      reply,
      404,
      `${request.method} ${request.url.split('?', 1)[0]}: POST a picture to /segment; /docs says how`,
    ),
  );

  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"], sandbox: [] },
    },
  });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: `Atrous: ${segmenter.config.name}`,
        description: `Finds ${segmenter.classes.map(({ name }) => name).join(', ')}.`,
        version,
      },
    },
    transformObject(document) {
      const described = 'openapiObject' in document ? document.openapiObject : document.swaggerObject;
      const { paths } = described as { paths?: Record<string, { post?: { requestBody?: unknown } }> };
      // the body of `/segment`, which no schema of JSON describes
      const file = { schema: { type: 'string', format: 'binary' } };
      const content = Object.fromEntries([...pictureTypes, anyBytes].map((type) => [type, file]));
      const post = paths?.['/segment']?.post;
      if (post) post.requestBody = { required: true, content };
      return described;
    },
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    // the page has all it needs, and is as often served over HTTP as not
    staticCSP: `default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; ${nowhere}`,
  });

  segmentRoute(app, segmenter, limits, places, metrics);
  app.get('/model', { schema: { summary: 'The model, its classes and the limits' } }, async () => {
    const { config, runtime, classes, compute, precision } = segmenter;
    return { name: config.name, runtime, compute, precision, classes, limits };
  });
  app.get('/healthz', { schema: { summary: 'Whether the process lives' } }, async () => ({ status: 'live' }));
  app.get('/readyz', { schema: { summary: 'Whether it takes pictures' } }, async () => ({ status: 'ready' }));
  app.get('/metrics', { schema: { summary: 'Metrics for Prometheus' } }, async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
  app.addHook('onClose', async () => metrics.registry.clear());
  return app;
}
