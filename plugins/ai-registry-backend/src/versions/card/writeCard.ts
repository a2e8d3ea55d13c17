import type {
  Evaluation,
  Model,
  ModelTask,
  ModelVersionDetail,
} from '@greenroom/plugin-ai-registry-common';
import { Document, visit } from 'yaml';
import { describeLicence } from '../mlBom/describeLicences';
import { isRecord, type ReadCard } from './readCard';

export interface CardFacts {
  model: Pick<Model, 'name' | 'title' | 'description' | 'task' | 'tags'>;
  version: Pick<
    ModelVersionDetail,
    'version' | 'description' | 'format' | 'tags'
  >;
  /** What was measured, newest first. */
  evaluations: Pick<Evaluation, 'dataset' | 'metrics'>[];
  /** Undefined where it has none. */
  card?: ReadCard;
}

/** One metric on one dataset, in the words of Hugging Face's `model-index`. */
interface Result {
  task: { type: string };
  dataset: { type: string; name: string; revision?: string };
  metrics: { type: string; value: number }[];
}

/**
 * The card of a version as a file that clients of Hugging Face load: what its card says stays as it is,
 * also what nobody here knows; what the registry knows besides is added where the card is silent.
 */
export function writeCard(facts: CardFacts): string {
  const { card } = facts;
  const said = card?.metadata ?? {};
  const document = documentOf(card);
  if (document.contents === null) document.contents = new Document({}).contents;

  const licence = describeLicence(facts.version.tags, facts.model.tags);
  if (said.license === undefined && licence) {
    document.set('license', licence.toLowerCase());
  }
  const tags = tagsWith(said.tags, facts);
  if (tags) document.set('tags', document.createNode(tags));
  if (said.pipeline_tag === undefined && isPipelineTag(facts.model.task)) {
    document.set('pipeline_tag', facts.model.task);
  }
  if (said.library_name === undefined && facts.version.format === 'onnx') {
    document.set('library_name', 'onnx');
  }
  const index = indexWith(said['model-index'], facts);
  if (index) document.set('model-index', document.createNode(index));

  const yaml = document.toString();
  const frontMatter = yaml.trim() === '{}' ? '' : `---\n${yaml}---\n`;
  return `${frontMatter}${card ? card.markdown : describe(facts)}`;
}

/** One that may be added to, as it was written where that can be. */
function documentOf(card: ReadCard | undefined): Document {
  if (!card?.document) return new Document({});
  let hasAliases = false;
  visit(card.document, {
    Alias: () => {
      hasAliases = true;
      return visit.BREAK;
    },
  });
  // What an alias stands for may be within a field that is written anew.
  return hasAliases
    ? new Document(card.metadata, { aliasDuplicateObjects: false })
    : card.document.clone();
}

/** All that there are, those of the card first; undefined where nothing is added. */
function tagsWith(said: unknown, { model, version }: CardFacts) {
  const own = [said ?? []].flat().filter(tag => typeof tag === 'string');
  const known = Object.entries({ ...model.tags, ...version.tags })
    .filter(([key]) => !/^(licen[cs]e$|mlflow\.)/.test(key))
    .map(([key, value]) => (value === '' ? key : `${key}:${value}`));
  const all = [...new Set([...own, ...known])];
  return all.length > own.length ? all : undefined;
}

/** With what was measured here and the card does not tell; undefined where nothing is added. */
function indexWith(said: unknown, facts: CardFacts) {
  const models = Array.isArray(said) ? said : [];
  const told = new Set(models.flatMap(resultsOf).flatMap(keysOf));
  const added: Result[] = [];
  for (const { dataset, metrics } of facts.evaluations) {
    const result = {
      task: { type: taskType(facts.model.task) },
      dataset: {
        type: dataset.name,
        name: dataset.name,
        revision: dataset.digest,
      },
    };
    const measured = Object.entries(metrics)
      .map(([type, value]) => ({ type, value }))
      .filter(
        metric =>
          !keysOf({ ...result, metrics: [metric] }).some(key => told.has(key)),
      );
    if (measured.length === 0) continue;
    const whole = { ...result, metrics: measured };
    keysOf(whole).forEach(key => told.add(key));
    added.push(whole);
  }
  if (added.length === 0) return undefined;
  const [first, ...others] = models;
  // Clients of Hugging Face know one name a card: what is added goes to the first one's results.
  return isRecord(first)
    ? [{ ...first, results: [...resultsOf(first), ...added] }, ...others]
    : [{ name: facts.model.name, results: added }];
}

function resultsOf(model: unknown): unknown[] {
  return isRecord(model) && Array.isArray(model.results) ? model.results : [];
}

/** What tells metrics apart: the dataset's name and the metric's type. */
function keysOf(result: unknown): string[] {
  if (!isRecord(result) || !Array.isArray(result.metrics)) return [];
  const dataset = isRecord(result.dataset) ? result.dataset.name : '';
  return result.metrics
    .filter(isRecord)
    .map(metric => JSON.stringify([dataset, metric.type]));
}

function describe({ model, version }: CardFacts): string {
  return [
    `# ${model.title}, version ${version.version}`,
    model.description,
    version.description,
  ]
    .filter(Boolean)
    .map(part => `${part}\n`)
    .join('\n');
}

/** Whether Hugging Face knows the task by this name. */
function isPipelineTag(task: ModelTask): boolean {
  return !['classification', 'regression', 'other'].includes(task);
}

/** Classification and regression are of rows here. */
function taskType(task: ModelTask): string {
  return task === 'classification' || task === 'regression'
    ? `tabular-${task}`
    : task;
}
