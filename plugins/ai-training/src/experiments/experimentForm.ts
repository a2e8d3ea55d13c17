import type { NewExperiment } from '@greenroom/plugin-ai-training-common';

/** What the dialog "New experiment" holds. */
export interface ExperimentForm {
  name: string;
  /** Entity ref; empty stands for whoever asks. */
  owner: string;
  description: string;
}

export type ExperimentFormErrors = Partial<
  Record<keyof ExperimentForm, string>
>;

export const EMPTY_EXPERIMENT: ExperimentForm = {
  name: '',
  owner: '',
  description: '',
};

const LONGEST_NAME = 500;

/** The experiment to make, or what to correct, by field. */
export function readExperiment(
  form: ExperimentForm,
):
  | { experiment: NewExperiment; errors?: undefined }
  | { experiment?: undefined; errors: ExperimentFormErrors } {
  const errors: ExperimentFormErrors = {};
  const name = form.name.trim();
  if (name === '') {
    errors.name = 'Give it a name: scripts find the experiment by it.';
  } else if (name.length > LONGEST_NAME) {
    errors.name = `Use at most ${LONGEST_NAME} characters; these are ${name.length}.`;
  }
  if (!/^(group|user):[^:/\s]+\/[^:/\s]+$/.test(form.owner)) {
    errors.owner =
      'Choose an owner, or write one as an entity reference: group:default/<name> or user:default/<name>.';
  }
  if (Object.keys(errors).length > 0) return { errors };
  return {
    experiment: {
      name,
      owner: form.owner,
      ...(form.description.trim() && { description: form.description.trim() }),
    },
  };
}
