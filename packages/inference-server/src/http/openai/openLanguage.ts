import type { DataPlane } from '../../domain/DataPlane';
import type { Exchange, LanguagePayload } from '../../domain/Exchange';
import type { LanguageAnswer, LanguageTask } from '../../domain/LanguageModel';
import type { Cancellation } from '../../domain/ModelRunner';
import type { TextVersion } from '../../domain/ServedVersion';
import { asLanguage } from '../../domain/versionKinds';
import type { Asking, Front } from './Front';
import { splitModel } from './requests';

/** A request to a language model, apart from how it came and how its answer goes. */
export interface LanguageRequest<T extends LanguageTask> {
  front: Front<T>;
  body: Buffer;
  credential: string | undefined;
  /** Keeps the caller on one variant; who it is by their own word where it is undefined. */
  assignmentId: string | undefined;
  /** Says whether the caller is still there. */
  peer: Cancellation;
  /** Aborted when the caller goes away. */
  signal: AbortSignal;
  /** Gets the exchange as soon as there is one; whoever gets it ends it. */
  onExchange(exchange: Exchange): void;
}

/** An answer that has begun. */
export interface OpenedAnswer<T extends LanguageTask> {
  served: TextVersion;
  asking: Asking<T>;
  answer: LanguageAnswer<T>;
  payload: LanguagePayload;
}

/**
 * Takes a request to the version that answers it: reads, enters, routes, asks.
 *
 * @throws InferenceError
 */
export async function openLanguage<T extends LanguageTask>(
  dataPlane: DataPlane,
  request: LanguageRequest<T>,
): Promise<OpenedAnswer<T>> {
  const { front, body, credential, signal } = request;
  const { task } = front;
  const asking = front.parse(body);
  const exchange = dataPlane.open(
    {
      ...splitModel(asking.model),
      credential,
      assignmentId: request.assignmentId ?? asking.user,
    },
    request.peer,
  );
  request.onExchange(exchange);
  exchange.enter();
  exchange.hold(body.length);
  const served = asLanguage(exchange.route(), task);
  const payload: LanguagePayload = {
    kind: 'language',
    task,
    tokens: { input: undefined, output: undefined },
    firstChunkMillis: undefined,
  };
  exchange.payload = payload;
  const answer = await served.language.answer(task, asking.request, {
    signal,
    affinity: cacheKeyOf(asking.request) ?? exchange.asked.assignmentId,
    hold: bytes => exchange.hold(bytes),
  });
  if (answer.kind === 'whole') payload.tokens = answer.tokens;
  return { served, asking, answer, payload };
}

/** Callers of OpenAI's API say so what requests have in common that a provider may remember. */
function cacheKeyOf(request: object): string | undefined {
  const key: unknown = Reflect.get(request, 'prompt_cache_key');
  return typeof key === 'string' && key !== '' ? key : undefined;
}
