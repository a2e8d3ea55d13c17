import { InputError } from '@backstage/errors';
import type {
  ModelSchema,
  Signature,
} from '@greenroom/plugin-ai-registry-common';

/**
 * Adds to a classification's schema what the model file calls its classes: as labels, where the
 * model answers texts, and as codes, where it answers numbers that are no places.
 *
 * @throws InputError where labels were declared in another order than the file has them, since
 *   probabilities would be taken for those of other classes
 */
export function nameClasses(
  schema: ModelSchema,
  { outputs }: Signature,
): ModelSchema {
  const { codes: _given, ...prediction } = schema.prediction;
  const { tensor, labels, probabilityTensor } = prediction;
  const find = (name?: string) => outputs.find(each => each.name === name);
  const classes = find(probabilityTensor)?.labels;
  if (schema.task !== 'classification' || !classes) {
    return { ...schema, prediction };
  }
  if (find(tensor)?.datatype === 'BYTES') {
    const other = labels?.findIndex((label, i) => label !== classes[i]) ?? -1;
    if (labels && other !== -1) {
      throw new InputError(
        `schema.prediction.labels has '${labels[other]}' at place ${other}, where the model file has '${classes[other]}': leave the labels out, they are read from the file`,
      );
    }
    return { ...schema, prediction: { ...prediction, labels: classes } };
  }
  const places = classes.every((label, i) => label === String(i));
  return {
    ...schema,
    prediction: { ...prediction, ...(!places && { codes: classes }) },
  };
}
