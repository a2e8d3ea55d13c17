import {
  InferenceError,
  RefusedInputError,
  type RefusalReason,
} from '../../domain/InferenceError';
import { errorMessage } from '../../errors';
import { adviseExport } from './adviseExport';

/** What onnxruntime says when it is the input that an operator, or the model, refuses. */
const NODE_PATTERN =
  /^Non-zero status code returned while running (\S+) node\. Name:'.*?' Status Message: (.*)$/s;
/** The place in the runtime's own sources, its function, and the condition that did not hold. */
const SOURCE_PATTERN =
  /^\S+\.(?:h|cc|cpp|hpp):[0-9]+ .*?\) (?:[^.]*? was false\. ?)?/s;
const LOAD_PATTERN = /^Load model from .*? failed: ?/s;
const INPUT_PATTERN =
  /^(?:Got invalid dimensions|Invalid rank|Unexpected input data type)/;
const RESOURCE_PATTERN = /bad_alloc|failed to allocate|out of memory/i;
const VALUE_PATTERN =
  /out of (?:data )?(?:bounds|range)|must be within|invalid index|index .*(?:negative|exceed)/i;
const SHAPE_PATTERN =
  /reshape|dimension|shape|broadcast|\brank\b|\baxis\b|size/i;

/**
 * Turns an error of a run into one for the caller.
 *
 * Operators are deterministic: what a model that works refuses is the input's fault. A
 * model that has never worked may be the one at fault.
 *
 * @param worked - whether the model has computed something before
 */
export function explainRunError(
  error: unknown,
  { worked }: { worked: boolean },
): InferenceError {
  const text = errorMessage(error).trim();
  const node = NODE_PATTERN.exec(text);
  if ((node === null && !INPUT_PATTERN.test(text)) || isResource(text)) {
    return new InferenceError(
      'internal',
      `the model failed: ${withoutSource(text)}`,
      error,
    );
  }
  const detail =
    node === null ? text : `${node[1]}: ${withoutSource(node[2]).trim()}`;
  return new RefusedInputError({
    kind: worked ? 'unprocessable' : 'internal',
    reason: reasonOf(detail),
    message: `the model refuses this input: ${detail.replace(/\s+/g, ' ')}`,
    cause: error,
  });
}

/**
 * What onnxruntime says about a file that it cannot load, without paths and sources; where it
 * is known what to do about it in the export, that.
 */
export function explainLoadError(error: unknown): Error {
  const text = errorMessage(error).trim().replace(LOAD_PATTERN, '');
  const detail = withoutSource(text).replace(/\s+/g, ' ').trim();
  return new Error(adviseExport(detail) ?? detail, { cause: error });
}

function isResource(text: string): boolean {
  return RESOURCE_PATTERN.test(text);
}

function withoutSource(text: string): string {
  return text.replace(SOURCE_PATTERN, '');
}

function reasonOf(detail: string): RefusalReason {
  if (VALUE_PATTERN.test(detail)) return 'value';
  return SHAPE_PATTERN.test(detail) ? 'shape' : 'unknown';
}
