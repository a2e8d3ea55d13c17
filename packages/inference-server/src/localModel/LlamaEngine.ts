import { errorMessage } from '../errors';
import {
  PromptTooLongError,
  SchemaError,
  type ChatText,
  type Engine,
  type Generation,
  type GenerationEvent,
  type GrammarSchema,
} from './Engine';
import {
  loadNodeLlamaCpp,
  type ChatHistoryItem,
  type ChatWrapper,
  type Llama,
  type LlamaModel,
  type LlamaSequence,
  type NodeLlamaCpp,
  type Token,
} from './nodeLlamaCpp';

/** More threads than free cores make it many times slower, since they wait by spinning. */
const THREADS = 1;
/** Tokens of a prompt that are read between two looks at whether anybody still waits: about 50 ms. */
const PROMPT_STEP_TOKENS = 8;
/** All tokens are chosen from, as in OpenAI's API, which knows `top_p` only. */
const ALL_TOKENS = 0;
/** Tokens that the text of the next one may depend on. */
const LAST_TOKENS = 8;
/** Stands for bytes that are no whole character yet. */
const REPLACEMENT = '\ufffd';
/** UTF-8 has no longer characters, so that more tokens without a whole one are no text. */
const LONGEST_CHARACTER_TOKENS = 4;
/** What grammars end with. */
const END_OF_JSON = '\n\n\n\n';

/** Runs the weights of a GGUF file by llama.cpp, on one thread and without a GPU. */
export class LlamaEngine implements Engine {
  readonly #runtime: NodeLlamaCpp;
  readonly #llama: Llama;
  readonly #model: LlamaModel;
  readonly #sequence: LlamaSequence;
  readonly #contextTokens: number;
  readonly #chat: ChatWrapper;

  private constructor(loaded: {
    runtime: NodeLlamaCpp;
    llama: Llama;
    model: LlamaModel;
    sequence: LlamaSequence;
    contextTokens: number;
  }) {
    this.#runtime = loaded.runtime;
    this.#llama = loaded.llama;
    this.#model = loaded.model;
    this.#sequence = loaded.sequence;
    this.#contextTokens = loaded.contextTokens;
    this.#chat = loaded.runtime.resolveChatWrapper(loaded.model);
  }

  static async load(options: {
    /** Absolute paths of node-llama-cpp's main module and of the weights. */
    runtimeFile: string;
    weightsFile: string;
    contextTokens: number;
    /** Told what llama.cpp warns of. */
    onWarning(message: string): void;
  }): Promise<LlamaEngine> {
    const runtime = await loadNodeLlamaCpp(options.runtimeFile);
    const llama = await runtime.getLlama({
      build: 'never',
      gpu: false,
      maxThreads: THREADS,
      skipDownload: true,
      progressLogs: false,
      logLevel: 'warn',
      logger: (_level, message) => options.onWarning(message),
    });
    const model = await llama.loadModel({
      modelPath: options.weightsFile,
      gpuLayers: 0,
    });
    const context = await model.createContext({
      contextSize: options.contextTokens,
      batchSize: PROMPT_STEP_TOKENS,
      threads: THREADS,
      sequences: 1,
    });
    return new LlamaEngine({
      runtime,
      llama,
      model,
      sequence: context.getSequence(),
      contextTokens: options.contextTokens,
    });
  }

  async *generate(
    generation: Generation,
    signal: AbortSignal,
  ): AsyncGenerator<GenerationEvent, void, void> {
    const prompt = this.#tokensOf(generation.prompt);
    const room = this.#contextTokens - prompt.length;
    if (room < 1) {
      throw new PromptTooLongError(prompt.length, this.#contextTokens);
    }
    const grammar = await this.#grammarOf(generation.schema);
    // What one caller said is never there for the next.
    await this.#sequence.clearHistory();
    const last = prompt.length - 1;
    for (let at = 0; at < last; at += PROMPT_STEP_TOKENS) {
      if (signal.aborted) return;
      await this.#sequence.evaluateWithoutGeneratingNewTokens(
        prompt.slice(at, Math.min(at + PROMPT_STEP_TOKENS, last)),
      );
    }
    if (signal.aborted) return;
    yield { kind: 'prompt', tokens: prompt.length };
    const written = this.#sequence.evaluate(prompt.slice(last), {
      temperature: generation.temperature,
      topP: generation.topP,
      topK: ALL_TOKENS,
      seed: generation.seed,
      grammarEvaluationState: grammar,
      yieldEogToken: true,
    });
    yield* this.#read(written, {
      signal,
      maxTokens: Math.min(generation.maxTokens, room),
      endsWithJson: grammar !== undefined,
    });
  }

  async *#read(
    written: AsyncGenerator<Token, void, void>,
    options: { signal: AbortSignal; maxTokens: number; endsWithJson: boolean },
  ): AsyncGenerator<GenerationEvent, void, void> {
    const before: Token[] = [];
    let pending: Token[] = [];
    let tail = '';
    let count = 0;
    for await (const token of written) {
      if (options.signal.aborted) return;
      if (this.#model.isEogToken(token)) {
        yield { kind: 'end', reason: 'stop' };
        return;
      }
      count++;
      pending.push(token);
      let text = this.#model.detokenize(pending, false, before);
      if (
        text.endsWith(REPLACEMENT) &&
        pending.length < LONGEST_CHARACTER_TOKENS
      ) {
        text = '';
      } else {
        before.push(...pending);
        before.splice(0, before.length - LAST_TOKENS);
        pending = [];
      }
      yield { kind: 'token', text };
      tail = (tail + text).slice(-END_OF_JSON.length);
      if (options.endsWithJson && tail === END_OF_JSON) {
        yield { kind: 'end', reason: 'stop' };
        return;
      }
      if (count >= options.maxTokens) break;
    }
    yield { kind: 'end', reason: 'length' };
  }

  #tokensOf(prompt: Generation['prompt']): Token[] {
    if (prompt.kind === 'text') {
      const { shouldPrependBosToken, bos } = this.#model.tokens;
      const tokens = this.#model.tokenize(prompt.text);
      return shouldPrependBosToken && bos !== null ? [bos, ...tokens] : tokens;
    }
    // The wrapper wants to know where the model goes on.
    const chatHistory: ChatHistoryItem[] = [
      ...prompt.messages.map(toHistory),
      { type: 'model', response: [] },
    ];
    const { contextText } = this.#chat.generateContextState({ chatHistory });
    return contextText.tokenize(this.#model.tokenizer);
  }

  async #grammarOf(schema: GrammarSchema | undefined): Promise<unknown> {
    if (schema === undefined) return undefined;
    try {
      const grammar = await this.#llama.createGrammarForJsonSchema(schema);
      const model = this.#model;
      return new this.#runtime.LlamaGrammarEvaluationState({ model, grammar });
    } catch (error) {
      throw new SchemaError(errorMessage(error), error);
    }
  }
}

function toHistory({ role, text }: ChatText): ChatHistoryItem {
  return role === 'assistant'
    ? { type: 'model', response: [text] }
    : { type: role, text };
}
