import type { LanguageForm } from '../parseTarget';
import type { Front } from './Front';
import { plainFront } from './plainFronts';
import { responsesFront } from './responses/responsesFront';

/** Every form in which a language model is asked. */
const FRONTS = {
  chat: plainFront('chat'),
  completions: plainFront('completions'),
  embeddings: plainFront('embeddings'),
  responses: responsesFront,
} satisfies Record<
  LanguageForm,
  Front<'chat'> | Front<'completions'> | Front<'embeddings'>
>;

type AnyFront = (typeof FRONTS)[LanguageForm];

/** Whoever uses it does so for one task, whichever it is. */
export function frontOf(form: LanguageForm): Front<'chat'> {
  const front: AnyFront = FRONTS[form];
  // Front is used with the task that it brings itself, so that one type stands for all.
  return front as Front<'chat'>;
}
