import {
  createServer,
  STATUS_CODES,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import {
  certifiedServer,
  type CertificateFiles,
} from '@greenroom/certificates';
import { LANGUAGE_PATHS } from '@greenroom/plugin-ai-inference-common';
import type { DataPlane } from '../domain/DataPlane';
import { findVersion, notReady } from '../domain/findVersion';
import { InferenceError } from '../domain/InferenceError';
import { asTensors } from '../domain/versionKinds';
import type { Explainer } from '../explain/Explainer';
import type { Logger } from '../logger';
import { Connections } from './Connections';
import { credentialOf } from './credentialOf';
import { AI_BATCH_PATH, AI_MODELS_PATH, AI_PATHS } from './ai/paths';
import { BatchHttpExchange } from './ai/BatchHttpExchange';
import { answerAiModels } from './ai/answerAiModels';
import { frontOf } from './openai/fronts';
import {
  LanguageHttpExchange,
  type LanguageContext,
} from './openai/LanguageHttpExchange';
import { answerLanguageModels } from './openai/answerLanguageModels';
import { sendOpenAiError } from './openai/errors';
import { asFields } from '../domain/DeprecationNotices';
import { describeModel } from './describeModel';
import { answerFeedback, type FeedbackContext } from './answerFeedback';
import { answerRepositoryIndex } from './answerRepositoryIndex';
import { answerRepositoryModel } from './answerRepositoryModel';
import { describeConfig } from './openInference/describeConfig';
import { describeStatistics } from './openInference/describeStatistics';
import { EXTENSIONS, SERVER_NAME } from './openInference/server';
import { answerExplain, type ExplainContext } from './answerExplain';
import { InferExchange, type InferContext } from './InferExchange';
import {
  RESPONSES_PATH,
  TargetParser,
  type ModelTarget,
  type Target,
} from './parseTarget';
import { sendError, sendJson } from './responses';
import {
  type ForwardContext,
  forwardTraining,
} from './training/forwardTraining';
import { TRAINING_JOBS_PATH } from './training/trainingTarget';

/** Longer than the idle time of usual clients and proxies, so that they close first. */
const KEEP_ALIVE_MILLIS = 75_000;
const SWEEP_MILLIS = 20;
const LANGUAGE_API_PATHS = [
  ...Object.values(LANGUAGE_PATHS),
  RESPONSES_PATH,
  '/v1/models',
  ...Object.values(AI_PATHS),
  AI_MODELS_PATH,
  AI_BATCH_PATH,
  TRAINING_JOBS_PATH,
].join(', ');
/** What takes a POST. */
const CALLS: Target['kind'][] = [
  'infer',
  'explain',
  'feedback',
  'language',
  'batch',
  'repository-index',
  'repository-model',
];
/** Most header lines of a request; what is beyond would be dropped without a word. */
const MAX_HEADERS = 100;

/**
 * The Open Inference Protocol v2 over REST, on bare `node:http`: a framework's share of a
 * request would be larger than the model's.
 */
export class HttpEdge {
  readonly #dataPlane: DataPlane;
  readonly #context: InferContext &
    LanguageContext &
    ExplainContext &
    FeedbackContext &
    ForwardContext;
  readonly #serverVersion: string;
  readonly #targets = new TargetParser();
  readonly #server: Server;
  readonly #connections: Connections;
  #stopping = false;
  #takesConnections = false;

  constructor(options: {
    dataPlane: DataPlane;
    logger: Logger;
    maxBodyBytes: number;
    /** Most values of a JSON body; an array counts as several. */
    maxJsonValues: number;
    /** Longest time until an answer of a language model begins, whichever gives it. */
    answerWithinMillis: number;
    explainer: Explainer;
    /** A caller says what became of an earlier request. */
    onOutcome: FeedbackContext['onOutcome'];
    /** Where training jobs are. */
    training: ForwardContext['training'];
    serverVersion: string;
    /** Left out, callers are not encrypted. */
    certificates?: CertificateFiles;
  }) {
    const { dataPlane, logger } = options;
    this.#dataPlane = dataPlane;
    this.#context = {
      dataPlane,
      logger,
      maxBodyBytes: options.maxBodyBytes,
      maxJsonValues: options.maxJsonValues,
      answerWithinMillis: options.answerWithinMillis,
      explainer: options.explainer,
      onOutcome: options.onOutcome,
      training: options.training,
      encoders: new WeakMap(),
    };
    this.#serverVersion = options.serverVersion;
    const settings = { keepAliveTimeout: KEEP_ALIVE_MILLIS };
    const { certificates } = options;
    this.#server = certificates
      ? certifiedServer(certificates, settings)
      : createServer(settings);
    // Ours is lower, and says so.
    this.#server.maxHeadersCount = 0;
    this.#server.on('request', (request, response) =>
      this.#onRequest(request, response),
    );
    this.#server.on('clientError', answerBrokenRequest);
    this.#connections = new Connections(this.#server);
  }

  /** @returns the address that is listened on. */
  async listen(options: { host: string; port: number }): Promise<AddressInfo> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(options, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    return this.#server.address() as AddressInfo;
  }

  /** Answers on a connection that another process has accepted. */
  take(socket: Socket): void {
    if (!this.#takesConnections) {
      this.#takesConnections = true;
      // From then on the server knows which connections are idle, and which never ask.
      this.#server.emit('listening');
    }
    // As on those that it accepts itself.
    socket.setNoDelay(true);
    socket.allowHalfOpen = true;
    this.#server.emit('connection', socket);
    socket.resume();
  }

  /**
   * Goes on answering, and sends callers elsewhere: each answer closes its connection.
   * Takes the given time, in which whoever balances the load notices that this server is
   * not ready; less when nobody calls.
   */
  async turnAway(millis: number): Promise<void> {
    this.#stopping = true;
    const endMillis = performance.now() + millis;
    while (performance.now() < endMillis && !this.#connections.quiet) {
      await setTimeout(SWEEP_MILLIS);
    }
  }

  /** Takes no new connections, answers what is in flight, and closes; at the signal at once. */
  async drain(signal: AbortSignal): Promise<void> {
    this.#stopping = true;
    await this.#connections.untilNobodyKnocks();
    const closed = new Promise<void>(resolve => {
      this.#server.close(() => resolve());
    });
    // Connections whose last request was already on its way are idle only afterwards. What has come
    // in the meantime is read first: a timer that is late would close connections before that.
    const sweep = setInterval(
      () =>
        setImmediate(() => {
          this.#server.closeIdleConnections();
          this.#connections.closeSilent();
        }),
      SWEEP_MILLIS,
    );
    const onAbort = () => this.#server.closeAllConnections();
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    await closed;
    // The server itself waits only for those that it has accepted.
    await this.#connections.untilNone();
    clearInterval(sweep);
    signal.removeEventListener('abort', onAbort);
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    if (this.#stopping) response.shouldKeepAlive = false;
    if (request.rawHeaders.length > 2 * MAX_HEADERS) {
      response.shouldKeepAlive = false;
      sendJson(response, 431, {
        error: `the request has more than ${MAX_HEADERS} headers`,
      });
      return;
    }
    const target = this.#targets.parse(request.url ?? '/');
    if (target.kind === 'infer' && request.method === 'POST') {
      new InferExchange(this.#context, request, response, target).start();
      return;
    }
    if (target.kind === 'explain' && request.method === 'POST') {
      void answerExplain(this.#context, request, response, target);
      return;
    }
    if (target.kind === 'feedback' && request.method === 'POST') {
      void answerFeedback(this.#context, request, response);
      return;
    }
    if (target.kind === 'language' && request.method === 'POST') {
      const front = frontOf(target.form);
      void new LanguageHttpExchange(
        this.#context,
        request,
        response,
        front,
      ).answer();
      return;
    }
    if (target.kind === 'training') {
      void forwardTraining(this.#context, request, response, target);
      return;
    }
    if (target.kind === 'batch' && request.method === 'POST') {
      void new BatchHttpExchange(this.#context, request, response).answer();
      return;
    }
    try {
      this.#answer(target, request, response);
    } catch (error) {
      if (!(error instanceof InferenceError)) {
        this.#context.logger.error('a request failed', {
          url: request.url,
          error: error instanceof Error ? error.stack : String(error),
        });
      }
      if (isLanguage(target)) sendOpenAiError(response, error);
      else sendError(response, error);
    }
  }

  #answer(
    target: Target,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    if (target.kind === 'unknown') {
      throw new InferenceError(
        'not-found',
        `unknown path "${request.url}": this server speaks the Open Inference Protocol v2, see GET /v2`,
      );
    }
    if (target.kind === 'unknown-language') {
      throw new InferenceError(
        'not-found',
        `unknown path "${request.url}": this server has ${LANGUAGE_API_PATHS}`,
      );
    }
    if (target.kind === 'refused') {
      throw new InferenceError('unsupported', target.reason);
    }
    if (target.kind === 'repository-index' && request.method === 'POST') {
      void answerRepositoryIndex(
        { dataPlane: this.#dataPlane },
        request,
        response,
      );
      return;
    }
    if (target.kind === 'repository-model' && request.method === 'POST') {
      void answerRepositoryModel(
        { dataPlane: this.#dataPlane },
        request,
        response,
        target,
      );
      return;
    }
    const isCall = CALLS.includes(target.kind);
    const allowed = isCall ? 'POST' : 'GET, HEAD';
    if (!allowed.split(', ').includes(request.method ?? '')) {
      sendJson(
        response,
        405,
        {
          error: `method ${request.method} is not allowed here: expected ${allowed}`,
        },
        { Allow: allowed },
      );
      return;
    }
    switch (target.kind) {
      case 'server':
        sendJson(response, 200, {
          name: SERVER_NAME,
          version: this.#serverVersion,
          extensions: EXTENSIONS,
        });
        break;
      case 'live':
        sendJson(response, 200, { live: true });
        break;
      case 'ready': {
        const { ready } = this.#dataPlane;
        sendJson(response, ready ? 200 : 503, { ready });
        break;
      }
      case 'models':
        sendJson(response, 200, {
          models: this.#dataPlane.listModels(credentialOf(request.headers)),
        });
        break;
      case 'statistics': {
        const routes = this.#dataPlane.callableRoutes(
          credentialOf(request.headers),
        );
        const all = routes.flatMap(route =>
          route.versions.map(of => ({ route, version: of })),
        );
        sendJson(response, 200, describeStatistics(all));
        break;
      }
      case 'language-models':
        answerLanguageModels(this.#dataPlane, target, request, response);
        break;
      case 'ai-models':
        answerAiModels(this.#dataPlane, request, response);
        break;
      case 'feedback':
      case 'language':
      case 'batch':
      case 'training':
      case 'repository-index':
      case 'repository-model':
        throw new Error('a call is answered before');
      default:
        this.#answerAboutModel(target, request, response);
    }
  }

  #answerAboutModel(
    target: ModelTarget,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    const { model, version } = target;
    const credential = credentialOf(request.headers);
    if (target.kind === 'model-ready') {
      const { route } = this.#dataPlane.admit({ credential, model });
      const ready =
        version === undefined
          ? route.ready
          : isLoaded(() => findVersion(route, version));
      sendJson(response, ready ? 200 : 503, { name: model, ready });
      return;
    }
    const { route } = this.#dataPlane.admit({ credential, model });
    const served =
      version === undefined ? route.main : findVersion(route, version);
    if (served === undefined) {
      throw notReady(route);
    }
    switch (target.kind) {
      case 'model-config':
        sendJson(response, 200, describeConfig(route, asTensors(served)));
        break;
      case 'model-statistics': {
        const of = version === undefined ? route.versions : [served];
        const all = of.map(one => ({ route, version: one }));
        sendJson(response, 200, describeStatistics(all));
        break;
      }
      default:
        sendJson(
          response,
          200,
          describeModel(route, served),
          asFields(route.deprecated?.find(served.version)),
        );
    }
  }
}

function isLanguage({ kind }: Target): boolean {
  return (
    kind === 'language' ||
    kind === 'language-models' ||
    kind === 'ai-models' ||
    kind === 'batch' ||
    kind === 'unknown-language'
  );
}

function isLoaded(find: () => unknown): boolean {
  try {
    find();
    return true;
  } catch (error) {
    if (error instanceof InferenceError && error.kind === 'not-ready') {
      return false;
    }
    throw error;
  }
}

/** Answers what is no HTTP, as far as somebody is there to read it. */
function answerBrokenRequest(
  error: Error & { code?: string },
  socket: Socket,
): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
  const body = JSON.stringify({
    error: `the request is not valid HTTP (${error.code ?? 'unknown reason'})`,
  });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  );
}
