import type { ExternalDescriptor } from '@greenroom/plugin-ai-registry-common';
import { shellQuote, type Snippet } from '../snippets';

export interface LanguageSnippetOptions {
  /** Address of the data plane, without a slash at the end. */
  baseUrl: string;
  model: string;
  /** Left to the traffic split when undefined. */
  version?: number;
  tasks: ExternalDescriptor['tasks'];
}

const QUESTION = 'Say hello in three languages.';

/** The call of a language model as programs make it, with OpenAI's own clients; each reads its key from the environment. */
export function languageSnippets(options: LanguageSnippetOptions): Snippet[] {
  const { version } = options;
  const baseUrl = `${options.baseUrl.replace(/\/+$/, '')}/v1`;
  const model =
    version === undefined ? options.model : `${options.model}@${version}`;
  const call = callOf(options.tasks);
  return [
    { id: 'curl', title: 'curl', code: curl({ baseUrl, model, call }) },
    { id: 'python', title: 'Python', code: python({ baseUrl, model, call }) },
    {
      id: 'typescript',
      title: 'TypeScript',
      code: typescript({ baseUrl, model, call }),
    },
  ];
}

interface Call {
  path: string;
  /** Of the client, such as `chat.completions`. */
  resource: string;
  /** What is asked besides the model. */
  field: string;
  value: unknown;
  /** Where the answer is. */
  answer: string;
}

function callOf(tasks: ExternalDescriptor['tasks']): Call {
  if (tasks.includes('chat')) {
    return {
      path: '/chat/completions',
      resource: 'chat.completions',
      field: 'messages',
      value: [{ role: 'user', content: QUESTION }],
      answer: 'choices[0].message.content',
    };
  }
  return tasks.includes('completions')
    ? {
        path: '/completions',
        resource: 'completions',
        field: 'prompt',
        value: QUESTION,
        answer: 'choices[0].text',
      }
    : {
        path: '/embeddings',
        resource: 'embeddings',
        field: 'input',
        value: QUESTION,
        answer: 'data[0].embedding',
      };
}

interface Parts {
  baseUrl: string;
  model: string;
  call: Call;
}

function curl({ baseUrl, model, call }: Parts): string {
  const body = JSON.stringify(
    { model, [call.field]: call.value },
    undefined,
    2,
  );
  return [
    `curl ${shellQuote(`${baseUrl}${call.path}`)}`,
    `-H "Authorization: Bearer $GREENROOM_KEY"`,
    `-H 'Content-Type: application/json'`,
    `-d ${shellQuote(body)}`,
  ].join(' \\\n  ');
}

function python({ baseUrl, model, call }: Parts): string {
  return `import os

from openai import OpenAI

client = OpenAI(
    base_url=${JSON.stringify(baseUrl)},
    api_key=os.environ["GREENROOM_KEY"],
)
answer = client.${call.resource}.create(
    model=${JSON.stringify(model)},
    ${call.field}=${JSON.stringify(call.value)},
)
print(answer.${call.answer})
`;
}

function typescript({ baseUrl, model, call }: Parts): string {
  return `import OpenAI from 'openai';

const client = new OpenAI({
  baseURL: ${JSON.stringify(baseUrl)},
  apiKey: process.env.GREENROOM_KEY,
});
const answer = await client.${call.resource}.create({
  model: ${JSON.stringify(model)},
  ${call.field}: ${JSON.stringify(call.value)},
});
console.log(answer.${call.answer});
`;
}
