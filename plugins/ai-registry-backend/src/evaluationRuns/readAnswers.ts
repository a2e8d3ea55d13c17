import type { EvaluationAnswer } from '@greenroom/plugin-ai-registry-common';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** The answers of a run that is done: a line of JSON for each row. */
export async function readAnswers(
  content: Readable,
): Promise<EvaluationAnswer[]> {
  const answers: EvaluationAnswer[] = [];
  for await (const line of createInterface({
    input: content,
    crlfDelay: Infinity,
  })) {
    answers.push(JSON.parse(line));
  }
  return answers;
}
