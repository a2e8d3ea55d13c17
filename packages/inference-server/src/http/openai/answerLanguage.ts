import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LanguageForm } from '../parseTarget';
import {
  LanguageHttpExchange,
  type LanguageContext,
} from './LanguageHttpExchange';
import { plainFront } from './plainFronts';
import { responsesFront } from './responses/responsesFront';

const chat = plainFront('chat');
const completions = plainFront('completions');
const embeddings = plainFront('embeddings');

/** Answers one request to a language model in the form in which it is asked. */
export function answerLanguage(
  context: LanguageContext,
  request: IncomingMessage,
  response: ServerResponse,
  form: LanguageForm,
): Promise<void> {
  const parts = [context, request, response] as const;
  switch (form) {
    case 'chat':
      return new LanguageHttpExchange(...parts, chat).answer();
    case 'completions':
      return new LanguageHttpExchange(...parts, completions).answer();
    case 'embeddings':
      return new LanguageHttpExchange(...parts, embeddings).answer();
    case 'responses':
      return new LanguageHttpExchange(...parts, responsesFront).answer();
    default:
      throw new Error(`no such form: ${form satisfies never}`);
  }
}
