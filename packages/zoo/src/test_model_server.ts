import type { AtrousError } from '@atrous/tensor';
import { type LoadModelOptions, loadModel } from './browser.ts';
import { startServer } from './test_server.ts';
import { type Files, modelVersion, versionOf } from './test_versions.ts';

/** How the server gives a file. */
export const manners = ['good', 'html', 'cut', 'wrong', 'missing', 'offline'] as const;
export type Manner = (typeof manners)[number];

export const configPath = '/config.json';
export const weightsPath = '/model.safetensors';
export const html = '<!doctype html><title>Sign in</title>';
export const offline: typeof fetch = () => Promise.reject(new TypeError('no network'));

/** What `load` gives for a version whose config and weights belong together. */
export const pair = (version: number): string[] => [`version ${version}`, `version ${version}`];

export interface ModelServer {
  readonly url: string;
  readonly versions: readonly Files[];
  /** The paths that were asked for since the last `serve`. */
  readonly requests: readonly string[];
  serve(version: number | Files, config?: Manner, weights?: Manner): void;
  /** Which version loads. */
  load(options: LoadModelOptions): Promise<[string, string]>;
  /** The same, and what was warned of. */
  warned(options: LoadModelOptions): Promise<[string[], AtrousError[]]>;
  close(): Promise<void>;
}

/** Three versions of a model at one URL, one at a time, which give their files in many manners. */
export async function startModelServer(): Promise<ModelServer> {
  const versions = await Promise.all([0, 1, 2].map((version) => modelVersion(version)));
  let files: Files = versions[0];
  let manner: Record<string, Manner> = {};
  const requests: string[] = [];
  const server = await startServer(({ url: path = '', socket }, response) => {
    requests.push(path);
    const body = files.get(path.slice(1));
    const how = manner[path] ?? 'good';
    if (how === 'offline') return socket.destroy();
    if (!body || how === 'missing') return response.writeHead(404).end(html);
    if (how === 'html') return response.setHeader('content-type', 'text/html').end(html);
    if (how === 'wrong') return response.end(path === configPath ? otherChecksum(body) : oneBitFlipped(body));
    if (how === 'good') return response.end(body);
    response.writeHead(200, { 'content-length': body.length });
    response.write(body.subarray(0, body.length >> 1), () => socket.destroy());
  });
  const load = async (options: LoadModelOptions) => versionOf(await loadModel(server.url, options));
  return {
    ...server,
    versions,
    requests,
    serve(version, config = 'good', weights = config) {
      files = typeof version === 'number' ? versions[version] : version;
      manner = { [configPath]: config, [weightsPath]: weights };
      requests.length = 0;
    },
    load,
    async warned(options) {
      const warnings: AtrousError[] = [];
      return [await load({ ...options, onWarning: (warning) => warnings.push(warning) }), warnings];
    },
  };
}

/** A config that is sound, but asks for weights that are not there. */
function otherChecksum(body: Uint8Array): string {
  const config = JSON.parse(new TextDecoder().decode(body));
  config.weights.files[0].sha256 = '0'.repeat(64);
  return JSON.stringify(config);
}

const oneBitFlipped = (body: Uint8Array) => body.map((byte, i) => (i === body.length >> 1 ? byte ^ 1 : byte));
