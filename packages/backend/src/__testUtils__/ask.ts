import type { TestBackend } from '@backstage/backend-test-utils';
import request from 'supertest';
import type { Existing, Question } from './matrix';
import { headerOf, type Role } from './roles';

/** `unknown`: who are you? `malformed: ...`: refused for its form, which says nothing. */
export type Outcome =
  | 'unknown'
  | 'refused'
  | 'may'
  | 'sees nothing'
  | `malformed: ${string}`;

/** Asks a route as somebody, and says whether they got past its permissions. */
export async function ask(
  backend: Pick<TestBackend, 'server'>,
  existing: Existing,
  { role, question }: { role: Role; question: Question },
): Promise<Outcome> {
  const { route, query = {} } = question;
  const body =
    typeof question.body === 'function'
      ? question.body(existing)
      : question.body;
  const [method, path] = route.split(' ');
  const pluginId = path.split('/')[1];
  const url = `/api${fillIn(path, question, existing)}`;
  const call = request(backend.server)
    [method.toLowerCase() as 'get'](url)
    .query(query);
  const header = headerOf(role, pluginId);
  if (header) call.set('Authorization', header);
  if (question.headers) call.set(question.headers);
  if (Buffer.isBuffer(body)) call.type('application/octet-stream');
  const response = await call.send(body);
  switch (response.status) {
    case 401:
      return 'unknown';
    case 403:
      return 'refused';
    case 400:
      // A question that is refused for its form says nothing about permissions.
      return `malformed: ${response.body.error?.message}`;
    default:
      return question.seesNothing?.includes(role) &&
        response.body.items?.length === 0
        ? 'sees nothing'
        : 'may';
  }
}

export function nameOf({ route, about }: Question): string {
  return about ? `${route} (${about})` : route;
}

/** What the matrix says of it. */
export function expectationFor(role: Role, question: Question): Outcome {
  if (role === 'anonymous') return question.isPublic ? 'may' : 'unknown';
  if (question.may.includes(role)) return 'may';
  return question.seesNothing?.includes(role) ? 'sees nothing' : 'refused';
}

function fillIn(path: string, question: Question, existing: Existing): string {
  const ids: Record<string, string> = {
    promotions: existing.promotionId,
    rollouts: existing.rolloutId,
    keys: existing.keyId,
  };
  const values: Record<string, string> = {
    digest: existing.digest,
    run: path.startsWith('/ai-training/')
      ? existing.trainingRunId
      : existing.runId,
    measurement: existing.measurementId,
    job: existing.trainingJobId,
    webhook: existing.webhookId,
    id: ids[path.split('/')[2]],
    ...question.params,
  };
  return path.replaceAll(/:(\w+)/g, (_, name) => values[name]);
}
