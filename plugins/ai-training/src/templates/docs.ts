/** How training jobs are made, for those who write templates. */
export const TRAINING_DOCS =
  'https://github.com/greenroom-ai/greenroom/blob/main/docs/how-to/train-a-model.md';
