import { type Answers, textOf } from './Answers';
import { MeasurementImpossible } from './MeasurementImpossible';

/** More classes are a target that is no class, such as a number or an id. */
const MOST_CLASSES = 1_000;

/** Rows of a classification that have a truth. All lists are by such row. */
export interface ClassRows {
  /** Row of the dataset. */
  rows: number[];
  truth: string[];
  /** Undefined for a row without an answer. */
  said: (string | undefined)[];
  /** All that occur, or that the version knows where those are not too many: in its own order first. */
  classes: string[];
  /** Rows whose truth is no class that the version knows; 0 where it does not say which it knows. */
  strange: number;
}

/**
 * Brings the truth into the words in which the version answers: its labels, what its file calls the classes (codes),
 * or their places. One reading holds for all rows.
 *
 * @throws MeasurementImpossible where no row has a truth, or there are too many classes
 */
export function readClasses({
  schema,
  question,
  truth,
  predictions,
}: Answers): ClassRows {
  const { labels, codes } = schema.prediction;
  const texts = truth.map(textOf);
  const rows = texts.flatMap((text, row) => (text === undefined ? [] : [row]));
  if (rows.length === 0) {
    throw new MeasurementImpossible(
      `Column '${question.target}' has no value in any row: name the column with the truth as target`,
    );
  }
  const found = new Set(rows.map(row => texts[row]!));
  const read = readerOf(found, { labels, codes });
  const known = labels ?? codes;
  const isKnown = new Set(known);
  const said = rows.map(row => {
    const prediction = predictions[row];
    return prediction === null ? undefined : String(prediction);
  });
  const inWords = rows.map(row => read(texts[row]!));
  const occurring = new Set([
    ...inWords,
    ...said.filter(text => text !== undefined),
  ]);
  if (occurring.size > MOST_CLASSES) {
    throw new MeasurementImpossible(
      `Column '${question.target}' and the answers have ${occurring.size} different values, and a classification has at most ${MOST_CLASSES}: name the column with the class as target`,
    );
  }
  const others = [...occurring]
    .filter(name => !isKnown.has(name))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  return {
    rows,
    truth: inWords,
    said,
    // A version may know ten thousands: each is held against each.
    classes: [
      ...(known ?? []).filter(
        name => isKnown.size <= MOST_CLASSES || occurring.has(name),
      ),
      ...others,
    ],
    strange: known ? inWords.filter(name => !isKnown.has(name)).length : 0,
  };
}

function readerOf(
  found: ReadonlySet<string>,
  { labels, codes }: { labels?: string[]; codes?: string[] },
): (text: string) => string {
  const asItIs = (text: string) => text;
  if (!labels) return asItIs;
  if (labels.some(label => found.has(label))) return asItIs;
  const places = codes ?? labels.map((_, place) => String(place));
  if (!places.some(place => found.has(place))) return asItIs;
  const labelOf = new Map(places.map((place, at) => [place, labels[at]]));
  return text => labelOf.get(text) ?? text;
}
