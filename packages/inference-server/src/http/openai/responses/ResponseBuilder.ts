import { randomUUID } from 'node:crypto';
import type { TokenCounts } from '../../../domain/LanguageModel';
import type { ResponsesRequest } from './requestSchema';

const MILLIS_PER_SECOND = 1_000;

export type OutputItem =
  | {
      type: 'message';
      id: string;
      role: 'assistant';
      status: ItemStatus;
      content: { type: 'output_text'; text: string; annotations: [] }[];
    }
  | {
      type: 'function_call';
      id: string;
      call_id: string;
      name: string;
      arguments: string;
      status: ItemStatus;
    }
  | {
      type: 'reasoning';
      id: string;
      summary: [];
      content: { type: 'reasoning_text'; text: string }[];
      status: ItemStatus;
    };
type ItemStatus = 'in_progress' | 'completed';

/** Why a response ended before the model had said all. */
const INCOMPLETE: Record<string, string> = {
  length: 'max_output_tokens',
  content_filter: 'content_filter',
};

/** What a response has from its beginning to its end. */
export class ResponseBuilder {
  readonly #asked: ResponsesRequest;
  readonly #id = `resp_${randomUUID().replaceAll('-', '')}`;
  readonly #createdAt = Math.floor(Date.now() / MILLIS_PER_SECOND);
  #model: string;

  constructor(asked: ResponsesRequest) {
    this.#asked = asked;
    this.#model = asked.model;
  }

  /** What the provider calls the model that answers. */
  setModel(model: string): void {
    this.#model = model;
  }

  /** While it goes on. */
  inProgress(output: OutputItem[]): object {
    return this.#response({ status: 'in_progress', output });
  }

  /** @param finish - as a chat says it */
  ended(
    output: OutputItem[],
    finish: string | undefined,
    tokens: TokenCounts,
  ): { response: object; isComplete: boolean } {
    const reason = INCOMPLETE[finish ?? ''];
    return {
      isComplete: reason === undefined,
      response: this.#response({
        status: reason === undefined ? 'completed' : 'incomplete',
        incomplete_details: reason === undefined ? null : { reason },
        output,
        usage: usageOf(tokens),
      }),
    };
  }

  failed(
    output: OutputItem[],
    error: { code: string | null; message: string },
  ) {
    return this.#response({ status: 'failed', output, error });
  }

  #response(fields: object): object {
    const asked = this.#asked;
    return {
      id: this.#id,
      object: 'response',
      created_at: this.#createdAt,
      model: this.#model,
      error: null,
      incomplete_details: null,
      instructions: asked.instructions ?? null,
      max_output_tokens: asked.max_output_tokens ?? null,
      metadata: asked.metadata ?? {},
      parallel_tool_calls: asked.parallel_tool_calls ?? true,
      previous_response_id: null,
      reasoning: { effort: asked.reasoning?.effort ?? null, summary: null },
      store: false,
      temperature: asked.temperature ?? null,
      text: { format: asked.text?.format ?? { type: 'text' } },
      tool_choice: asked.tool_choice ?? 'auto',
      tools: asked.tools ?? [],
      top_p: asked.top_p ?? null,
      truncation: 'disabled',
      usage: null,
      ...fields,
    };
  }
}

function usageOf({ input, output, cachedInput, reasoning }: TokenCounts) {
  if (input === undefined && output === undefined) return null;
  return {
    input_tokens: input ?? 0,
    input_tokens_details: { cached_tokens: cachedInput ?? 0 },
    output_tokens: output ?? 0,
    output_tokens_details: { reasoning_tokens: reasoning ?? 0 },
    total_tokens: (input ?? 0) + (output ?? 0),
  };
}

export function messageItem(text: string, status: ItemStatus): OutputItem {
  return {
    type: 'message',
    id: `msg_${randomUUID().replaceAll('-', '')}`,
    role: 'assistant',
    status,
    content:
      text === '' ? [] : [{ type: 'output_text', text, annotations: [] }],
  };
}

export function callItem(
  call: { id: string; name: string; arguments: string },
  status: ItemStatus,
): OutputItem {
  return {
    type: 'function_call',
    id: `fc_${randomUUID().replaceAll('-', '')}`,
    call_id: call.id,
    name: call.name,
    arguments: call.arguments,
    status,
  };
}

export function reasoningItem(text: string, status: ItemStatus): OutputItem {
  return {
    type: 'reasoning',
    id: `rs_${randomUUID().replaceAll('-', '')}`,
    summary: [],
    content: text === '' ? [] : [{ type: 'reasoning_text', text }],
    status,
  };
}
