import {
  formatRequest,
  HEADER_ASSIGNMENT_ID,
  InferRequest,
} from '@greenroom/plugin-ai-inference-common';

export interface SnippetOptions {
  /** Address of the data plane, without a slash at the end. */
  baseUrl: string;
  model: string;
  /** Left to the traffic split when undefined. */
  version?: number;
  /** Keeps a caller on one version during a rollout. */
  assignmentId?: string;
  request: InferRequest;
}

export interface Snippet {
  id: 'curl' | 'python' | 'typescript';
  title: string;
  code: string;
}

/** The call as programs make it; each reads its key from the environment. */
export function snippets(options: SnippetOptions): Snippet[] {
  return [
    { id: 'curl', title: 'curl', code: curl(options) },
    { id: 'python', title: 'Python', code: python(options) },
    { id: 'typescript', title: 'TypeScript', code: typescript(options) },
  ];
}

/** Address of the call on a data plane. */
export function inferUrl(
  options: Pick<SnippetOptions, 'baseUrl' | 'model' | 'version'>,
): string {
  const { baseUrl, model, version } = options;
  const suffix = version === undefined ? '' : `/versions/${version}`;
  return `${baseUrl.replace(/\/+$/, '')}/v2/models/${encodeURIComponent(
    model,
  )}${suffix}/infer`;
}

function curl(options: SnippetOptions): string {
  const { assignmentId, request } = options;
  const lines = [
    `curl ${shellQuote(inferUrl(options))}`,
    `-H "Authorization: Bearer $GREENROOM_KEY"`,
    `-H 'Content-Type: application/json'`,
    ...(assignmentId
      ? [`-H ${shellQuote(`${HEADER_ASSIGNMENT_ID}: ${assignmentId}`)}`]
      : []),
    `-d ${shellQuote(formatRequest(request))}`,
  ];
  return lines.join(' \\\n  ');
}

function python(options: SnippetOptions): string {
  const { assignmentId, request } = options;
  const assignment = assignmentId
    ? `\n        ${JSON.stringify(HEADER_ASSIGNMENT_ID)}: ${JSON.stringify(
        assignmentId,
      )},`
    : '';
  return `import os

import requests

response = requests.post(
    ${JSON.stringify(inferUrl(options))},
    headers={
        "Authorization": f"Bearer {os.environ['GREENROOM_KEY']}",${assignment}
    },
    json=${pythonLiterals(formatRequest(request, 4))},
    timeout=10,
)
response.raise_for_status()
answer = response.json()
print("version", answer["model_version"])
for output in answer["outputs"]:
    print(output["name"], output["data"])
`;
}

function typescript(options: SnippetOptions): string {
  const { assignmentId, request } = options;
  const assignment = assignmentId
    ? `\n    '${HEADER_ASSIGNMENT_ID}': ${JSON.stringify(assignmentId)},`
    : '';
  return `const response = await fetch(${JSON.stringify(inferUrl(options))}, {
  method: 'POST',
  headers: {
    Authorization: \`Bearer \${process.env.GREENROOM_KEY}\`,
    'Content-Type': 'application/json',${assignment}
  },
  body: JSON.stringify(${formatRequest(request, 2)}),
});
if (!response.ok) {
  throw new Error(\`\${response.status}: \${await response.text()}\`);
}
const answer = await response.json();
console.log('version', answer.model_version);
for (const output of answer.outputs) {
  console.log(output.name, output.data);
}
`;
}

/** In single quotes, where a shell changes nothing. */
export function shellQuote(text: string): string {
  return `'${text.replace(/'/g, `'\\''`)}'`;
}

/** JSON is Python but for three words outside of strings. */
function pythonLiterals(json: string): string {
  const words: Record<string, string> = {
    true: 'True',
    false: 'False',
    null: 'None',
  };
  return json.replace(
    /"(?:[^"\\]|\\.)*"|\b(true|false|null)\b/g,
    (match, word?: string) => (word ? words[word] : match),
  );
}
