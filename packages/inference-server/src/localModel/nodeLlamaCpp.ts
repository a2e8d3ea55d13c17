import { pathToFileURL } from 'node:url';

/*
 * As much of node-llama-cpp 3 as is used. It is installed beside the weights and not with the
 * data plane, since it is large, so that its own types are not here either.
 */

export type Token = number & { readonly __token: unique symbol };

export interface LlamaTokenizer {
  (text: string, specialTokens?: boolean): Token[];
}

export interface LlamaSequence {
  clearHistory(): Promise<void>;
  evaluate(
    tokens: Token[],
    options: {
      temperature: number;
      topP: number;
      topK: number;
      seed?: number;
      grammarEvaluationState?: unknown;
      yieldEogToken: boolean;
    },
  ): AsyncGenerator<Token, void, void>;
  evaluateWithoutGeneratingNewTokens(tokens: Token[]): Promise<void>;
}

export interface LlamaModel {
  readonly tokenizer: LlamaTokenizer;
  readonly tokens: { shouldPrependBosToken: boolean; bos: Token | null };
  tokenize: LlamaTokenizer;
  detokenize(
    tokens: readonly Token[],
    specialTokens?: boolean,
    lastTokens?: readonly Token[],
  ): string;
  isEogToken(token: Token): boolean;
  createContext(options: {
    contextSize: number;
    batchSize: number;
    threads: number;
    sequences: number;
  }): Promise<{ readonly contextSize: number; getSequence(): LlamaSequence }>;
}

export interface Llama {
  loadModel(options: {
    modelPath: string;
    gpuLayers: number;
  }): Promise<LlamaModel>;
  createGrammarForJsonSchema(schema: unknown): Promise<unknown>;
}

export type ChatHistoryItem =
  | { type: 'system' | 'user'; text: string }
  | { type: 'model'; response: string[] };

export interface ChatWrapper {
  generateContextState(options: { chatHistory: ChatHistoryItem[] }): {
    contextText: { tokenize(tokenizer: LlamaTokenizer): Token[] };
  };
}

export interface NodeLlamaCpp {
  getLlama(options: {
    build: 'never';
    gpu: false;
    maxThreads: number;
    skipDownload: boolean;
    progressLogs: boolean;
    logLevel: 'warn';
    logger(level: string, message: string): void;
  }): Promise<Llama>;
  resolveChatWrapper(model: LlamaModel): ChatWrapper;
  LlamaGrammarEvaluationState: new (options: {
    model: LlamaModel;
    grammar: unknown;
  }) => unknown;
}

/** @param file - absolute path of the package's main module */
export function loadNodeLlamaCpp(file: string): Promise<NodeLlamaCpp> {
  return import(pathToFileURL(file).href);
}
