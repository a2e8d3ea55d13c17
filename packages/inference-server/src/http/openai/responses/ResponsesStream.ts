import type { ChatCompletionChunk } from 'openai/resources/chat/completions';
import { tokensOf } from '../../../providers/openai/tokens';
import { toOpenAiError } from '../errors';
import type { StreamWriter } from '../Front';
import {
  callItem,
  messageItem,
  reasoningItem,
  type OutputItem,
  type ResponseBuilder,
} from './ResponseBuilder';

type Delta = ChatCompletionChunk['choices'][number]['delta'];
type CallDelta = NonNullable<Delta['tool_calls']>[number];
type ItemOf<Type extends OutputItem['type']> = Extract<
  OutputItem,
  { type: Type }
>;

/** Writes the chunks of a chat as the typed events of the Responses API. */
export class ResponsesStream implements StreamWriter<ChatCompletionChunk> {
  readonly #builder: ResponseBuilder;
  readonly #output: OutputItem[] = [];
  /** Items of the output by the position of the call in the chat. */
  readonly #calls = new Map<number, ItemOf<'function_call'>>();
  #open: OutputItem | undefined;
  #sequence = 0;
  #begun = false;
  #finish: string | undefined;
  #tokens = tokensOf(undefined);

  constructor(builder: ResponseBuilder) {
    this.#builder = builder;
  }

  chunk(chunk: ChatCompletionChunk): string {
    let events = this.#begin(chunk.model);
    if (chunk.usage) this.#tokens = tokensOf(chunk.usage);
    // The API has one answer, as requests cannot ask for several.
    const [choice] = chunk.choices;
    if (!choice) return events;
    const { delta } = choice;
    const thought = thoughtIn(delta);
    if (thought) events += this.#think(thought);
    if (delta.content) events += this.#say(delta.content);
    for (const call of delta.tool_calls ?? []) events += this.#call(call);
    if (choice.finish_reason) this.#finish = choice.finish_reason;
    return events;
  }

  end(): string {
    const events = this.#begin(undefined) + this.#close();
    const { response, isComplete } = this.#builder.ended(
      this.#output,
      this.#finish,
      this.#tokens,
    );
    const type = isComplete ? 'response.completed' : 'response.incomplete';
    return events + this.#event(type, { response });
  }

  fail(error: unknown): string {
    const { code, message } = toOpenAiError(error).error;
    const response = this.#builder.failed(this.#output, { code, message });
    return (
      this.#begin(undefined) + this.#event('response.failed', { response })
    );
  }

  #begin(model: string | undefined): string {
    if (model) this.#builder.setModel(model);
    if (this.#begun) return '';
    this.#begun = true;
    const response = this.#builder.inProgress([]);
    return (
      this.#event('response.created', { response }) +
      this.#event('response.in_progress', { response })
    );
  }

  #think(delta: string): string {
    let events = '';
    let item = this.#open;
    if (item?.type !== 'reasoning') {
      item = reasoningItem('', 'in_progress');
      events += this.#add(item);
      item = this.#open as ItemOf<'reasoning'>;
      item.content.push({ type: 'reasoning_text', text: '' });
    }
    item.content[0].text += delta;
    return (
      events +
      this.#event('response.reasoning_text.delta', {
        ...this.#placeOf(item),
        content_index: 0,
        delta,
      })
    );
  }

  #say(delta: string): string {
    let events = '';
    let item = this.#open;
    if (item?.type !== 'message') {
      events += this.#add(messageItem('', 'in_progress'));
      item = this.#open as ItemOf<'message'>;
      const part = { type: 'output_text' as const, text: '', annotations: [] };
      item.content.push({ ...part, annotations: [] });
      events += this.#event('response.content_part.added', {
        ...this.#placeOf(item),
        content_index: 0,
        part,
      });
    }
    item.content[0].text += delta;
    return (
      events +
      this.#event('response.output_text.delta', {
        ...this.#placeOf(item),
        content_index: 0,
        delta,
        logprobs: [],
      })
    );
  }

  #call(delta: CallDelta): string {
    let events = '';
    let item = this.#calls.get(delta.index);
    if (item === undefined) {
      const { id = `call_${delta.index}`, function: called } = delta;
      const name = called?.name ?? '';
      events += this.#add(callItem({ id, name, arguments: '' }, 'in_progress'));
      item = this.#open as ItemOf<'function_call'>;
      this.#calls.set(delta.index, item);
    }
    const piece = delta.function?.arguments ?? '';
    if (piece === '') return events;
    item.arguments += piece;
    return (
      events +
      this.#event('response.function_call_arguments.delta', {
        ...this.#placeOf(item),
        delta: piece,
      })
    );
  }

  #add(item: OutputItem): string {
    const closed = this.#close();
    this.#output.push(item);
    this.#open = item;
    return (
      closed +
      this.#event('response.output_item.added', {
        output_index: this.#output.length - 1,
        item,
      })
    );
  }

  /** Ends the item that is being written. */
  #close(): string {
    const item = this.#open;
    if (item === undefined) return '';
    this.#open = undefined;
    item.status = 'completed';
    const place = this.#placeOf(item);
    let events = '';
    if (item.type === 'message') {
      const [part] = item.content;
      const { text } = part;
      const at = { ...place, content_index: 0 };
      events += this.#event('response.output_text.done', {
        ...at,
        text,
        logprobs: [],
      });
      events += this.#event('response.content_part.done', { ...at, part });
    } else if (item.type === 'function_call') {
      events += this.#event('response.function_call_arguments.done', {
        ...place,
        name: item.name,
        arguments: item.arguments,
      });
    } else {
      events += this.#event('response.reasoning_text.done', {
        ...place,
        content_index: 0,
        text: item.content[0].text,
      });
    }
    const { output_index } = place;
    return (
      events + this.#event('response.output_item.done', { output_index, item })
    );
  }

  #placeOf(item: OutputItem) {
    return { item_id: item.id, output_index: this.#output.indexOf(item) };
  }

  #event(type: string, fields: object): string {
    const data = { type, sequence_number: this.#sequence++, ...fields };
    return `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
  }
}

/** What a model thought, as several services add it to chats. */
function thoughtIn(delta: Delta): string | undefined {
  const { reasoning_content: thought } = Object(delta);
  return typeof thought === 'string' ? thought : undefined;
}
