import { modelOfTemplate } from '@greenroom/plugin-ai-training-common';
import type { OwnedTemplate } from '../permissions';
import type { RetrainingSources } from '../retraining/RetrainingSources';

const ANSWER_MILLIS = 10_000;

/**
 * What permissions on conversions of a model are about: it is owned by whoever owns the model now.
 *
 * @returns undefined for other names, and where there is no such model
 */
export async function findConversionTemplate(
  name: string,
  sources: Pick<RetrainingSources, 'findModelOwner'>,
): Promise<OwnedTemplate | undefined> {
  const model = modelOfTemplate(name);
  if (model === undefined) return undefined;
  const owner = await sources.findModelOwner(
    model,
    AbortSignal.timeout(ANSWER_MILLIS),
  );
  return owner === undefined ? undefined : { spec: { owner } };
}
