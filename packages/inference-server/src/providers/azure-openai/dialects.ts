import type { LanguageTask } from '../../domain/LanguageModel';
import { openAiDialects } from '../openai/dialects';
import type { Dialect, Provider } from '../Provider';

/**
 * OpenAI's API, with deployments in the place of models. What Azure adds to answers, such as
 * what its content filter found, is passed on: clients have types for it (`@azure/openai`).
 *
 * @param deployments - by model, where they are called otherwise
 */
export function azureDialects(
  deployments: Record<string, string>,
): Provider['dialects'] {
  const renamed = <T extends LanguageTask>(
    dialect: Dialect<T>,
  ): Dialect<T> => ({
    ...dialect,
    encode: (request, { name }) =>
      dialect.encode(request, {
        name: Object.hasOwn(deployments, name) ? deployments[name] : name,
      }),
  });
  return {
    chat: renamed(openAiDialects.chat),
    completions: renamed(openAiDialects.completions),
    embeddings: renamed(openAiDialects.embeddings),
  };
}
