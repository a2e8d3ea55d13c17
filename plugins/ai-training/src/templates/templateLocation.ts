import type { TemplateLocation } from '@greenroom/plugin-ai-training-common';

/** Where a template lies, for people: without what all of them have. */
export function placeOf({ target }: TemplateLocation): string {
  return target.replace(/^https?:\/\//, '');
}

/** A commit as one calls it; a digest of files by its beginning. */
export function shortRevision(revision: string): string {
  return revision.replace(/^sha256:/, '').slice(0, 10);
}

const ADDRESS = /^https?:\/\/[^\s/]+\/.+\.ya?ml(\?.*)?$/;

/** What is wrong with the address of a file; undefined where it may be one. */
export function problemWithAddress(text: string): string | undefined {
  const address = text.trim();
  if (address === '') {
    return 'Give the address of the file, as your Git host shows it in the browser.';
  }
  return ADDRESS.test(address)
    ? undefined
    : 'Expected the address of a YAML file at a Git host, such as https://github.com/vision/digits/blob/main/greenroom/train.yaml. A template on the machine of the portal is named in its setting aiTraining.templates.';
}
