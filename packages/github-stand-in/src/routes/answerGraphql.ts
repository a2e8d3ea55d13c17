import { type Answer, Refusal } from '../http/answers';
import { pullNodeId } from '../present/pulls';
import type { Pull, State } from '../state';
import type { World } from './Route';

/**
 * As much of GraphQL as the merge queue needs, which REST has not. Documents are told apart by the
 * field that they ask for; GitHub would answer just as much of it as was asked for.
 */
export function answerGraphql(
  { state, pulls }: World,
  body: { query?: string; variables?: Record<string, string> },
): Answer {
  const { query = '', variables = {} } = body;
  const pull = [...state.pulls.values()].find(
    one => pullNodeId(one) === variables.id,
  );
  if (!pull) return failed('NOT_FOUND', 'Could not resolve to a node');
  if (/\benqueuePullRequest\b/.test(query)) {
    try {
      pulls.enqueue(pull, variables.head);
    } catch (error) {
      if (error instanceof Refusal) {
        return failed('UNPROCESSABLE', error.message);
      }
      throw error;
    }
    return data({
      enqueuePullRequest: { mergeQueueEntry: entryOf(state, pull) },
    });
  }
  if (/\bmergeQueueEntry\b/.test(query)) {
    return data({ node: { mergeQueueEntry: entryOf(state, pull) } });
  }
  return failed('UNKNOWN', 'The stand-in does not know this document');
}

function entryOf({ queue }: State, { number }: Pull) {
  const at = queue.indexOf(number);
  return at < 0 ? null : { position: at + 1, state: 'QUEUED' };
}

function data(found: object): Answer {
  return { status: 200, body: { data: found } };
}

function failed(type: string, message: string): Answer {
  return { status: 200, body: { data: null, errors: [{ type, message }] } };
}
