import type { FallbackReason } from '@greenroom/plugin-ai-inference-common';
import type { LimitStates } from '../../domain/Admission';
import type { DataPlane } from '../../domain/DataPlane';
import type { Asked, Exchange, LanguagePayload } from '../../domain/Exchange';
import { fallbackReason } from '../../domain/fallbackReason';
import { InferenceError } from '../../domain/InferenceError';
import type { LanguageAnswer, LanguageTask } from '../../domain/LanguageModel';
import type { Cancellation } from '../../domain/ModelRunner';
import type { ServedRoute } from '../../domain/ServedRoute';
import type { TextVersion } from '../../domain/ServedVersion';
import { asLanguage } from '../../domain/versionKinds';
import type { CallHeaders } from '../readCallHeaders';
import { statusOf } from '../responses';
import { beginAnswer } from './beginAnswer';
import { charactersOf, keepGist, watchChunks } from './charactersOf';
import type { Asking, Front } from './Front';
import { splitModel } from './requests';

/** A request to a language model, apart from how it came and how its answer goes. */
export interface LanguageRequest<T extends LanguageTask> {
  front: Front<T>;
  body: Buffer;
  /** What the caller says beside it; who it is by the request's own word where they give no assignment id. */
  said: CallHeaders;
  /** Says whether the caller is still there. */
  peer: Cancellation;
  /** Aborted when the caller goes away. */
  signal: AbortSignal;
  /** Longest time until an answer begins, whichever model gives it. */
  withinMillis: number;
  /** Gets each exchange as soon as there is one; whoever gets them ends the last. */
  onExchange(exchange: Exchange): void;
  /** A model could not answer, and another one is asked. */
  onFallback(fallback: Fallback): void;
}

/** A model that is asked in the place of another one. */
export interface Fallback {
  from: string;
  to: string;
  reason: FallbackReason;
  error: unknown;
}

/** An answer that has begun. */
export interface OpenedAnswer<T extends LanguageTask> {
  served: TextVersion;
  asking: Asking<T>;
  answer: LanguageAnswer<T>;
  payload: LanguagePayload;
  /** The model that was asked for, where another one answers. */
  fallbackFrom: string | undefined;
  /** How much is left of the key's limits; undefined where it has none. */
  limits: LimitStates | undefined;
}

/**
 * Takes a request to the version that answers it: reads, enters, routes, asks. Where that
 * version's answer cannot be had, the models are asked that its manifest names for that, one after
 * the other, each routed and recorded as its own; nobody is once an answer has begun.
 *
 * @throws InferenceError; of the model that was asked for, where none answers
 */
export async function openLanguage<T extends LanguageTask>(
  dataPlane: DataPlane,
  request: LanguageRequest<T>,
): Promise<OpenedAnswer<T>> {
  const startedMillis = performance.now();
  const asking = request.front.parse(request.body);
  const { model: name, version } = splitModel(asking.model);
  const { said } = request;
  const asked: Asked = {
    ...said,
    model: dataPlane.table.nameOf(name),
    version: version ?? said.version,
    assignmentId: said.assignmentId ?? asking.user,
  };
  const leftMillis = () =>
    request.withinMillis - (performance.now() - startedMillis);
  try {
    return await ask(dataPlane, { request, asking, asked, leftMillis });
  } catch (error) {
    const { model } = asked;
    const reason = fallbackReason(error);
    if (reason === undefined || asked.version !== undefined) throw error;
    for (const to of fallbacksOf(dataPlane, { model, reason, request })) {
      if (request.peer.cancelled || leftMillis() <= 0) break;
      request.onFallback({ from: model, to, reason, error });
      const instead = {
        ...asked,
        model: to,
        fallback: { from: model, reason },
      };
      try {
        return await ask(dataPlane, {
          request,
          asking,
          asked: instead,
          leftMillis,
        });
      } catch {
        // It was recorded; what callers are told is why the model that they asked for did not answer.
      }
    }
    throw error;
  }
}

/** Vectors of another model mean something else, however many numbers they have. */
function fallbacksOf(
  dataPlane: DataPlane,
  options: {
    model: string;
    reason: FallbackReason;
    request: { front: { task: LanguageTask } };
  },
): string[] {
  const { model, reason, request } = options;
  const { task } = request.front;
  if (task === 'embeddings') return [];
  const { routes } = dataPlane.table;
  const doesTask = (route: ServedRoute) =>
    route.versions.some(({ language }) => language?.tasks.has(task));
  const fallbacks = routes.get(model)?.fallbacks ?? [];
  return fallbacks
    .filter(({ when }) => when.includes(reason))
    .map(fallback => fallback.model)
    .filter(name => {
      const route = routes.get(name);
      return name !== model && route?.ready && doesTask(route);
    });
}

/** Asks one model. An exchange that fails is ended: it is that model's error. */
async function ask<T extends LanguageTask>(
  dataPlane: DataPlane,
  options: {
    request: LanguageRequest<T>;
    asking: Asking<T>;
    asked: Asked;
    leftMillis(): number;
  },
): Promise<OpenedAnswer<T>> {
  const { request, asking, asked, leftMillis } = options;
  const { front, body, peer } = request;
  const { task } = front;
  const exchange = dataPlane.open(asked, peer);
  request.onExchange(exchange);
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), leftMillis());
  try {
    exchange.enter();
    exchange.hold(body.length);
    const served = asLanguage(exchange.route(), task);
    exchange.reserve(served.language.estimate(task, asking.request));
    const { limits } = exchange;
    const payload: LanguagePayload = {
      kind: 'language',
      task,
      tokens: { input: undefined, output: undefined },
      firstChunkMillis: undefined,
      answeredCharacters: undefined,
    };
    if (exchange.assignment?.copiedTo) {
      const { request: copied } = asking;
      payload.copied = { request: copied, gist: undefined, bytes: body.length };
    }
    exchange.payload = payload;
    const answer = await beginAnswer(
      await served.language.answer(task, asking.request, {
        signal: AbortSignal.any([request.signal, late.signal]),
        affinity: cacheKeyOf(asking.request) ?? asked.assignmentId,
        hold: bytes => exchange.hold(bytes),
      }),
    );
    const fallbackFrom = asked.fallback?.from;
    const opened = { served, asking, payload, fallbackFrom, limits };
    if (answer.kind === 'whole') {
      payload.tokens = answer.tokens;
      payload.answeredCharacters = charactersOf(answer.body);
      keepGist(payload, answer.body);
      return { ...opened, answer };
    }
    payload.firstChunkMillis = performance.now();
    payload.answeredCharacters = 0;
    const chunks = watchChunks(answer.chunks, payload);
    return { ...opened, answer: { ...answer, chunks } };
  } catch (cause) {
    const error = late.signal.aborted
      ? new InferenceError(
          'gateway-timeout',
          `no answer began within ${request.withinMillis / 1_000} s`,
          cause,
        )
      : cause;
    if (!peer.cancelled) exchange.end(statusOf(error));
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Callers of OpenAI's API say so what requests have in common that a provider may remember. */
function cacheKeyOf(request: object): string | undefined {
  const key: unknown = Reflect.get(request, 'prompt_cache_key');
  return typeof key === 'string' && key !== '' ? key : undefined;
}
