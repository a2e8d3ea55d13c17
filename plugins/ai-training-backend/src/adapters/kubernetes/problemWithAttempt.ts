import type { Flavor } from '@greenroom/plugin-ai-registry-common';
import { readQuantity } from '../../backends/quantity';
import type { WantedAttempt } from '../../backends/TrainingBackend';
import type { TrainingPlace } from './settings';

const DIGEST = /@sha256:[0-9a-f]{64}$/;

/** Why a cluster cannot run it at all, and what to change; undefined where it can. */
export function problemWithAttempt(
  { program, resources }: Pick<WantedAttempt, 'program' | 'resources'>,
  options: {
    place: Pick<TrainingPlace, 'name' | 'allowTags'>;
    flavors: readonly Flavor[];
  },
): string | undefined {
  const { place, flavors } = options;
  const { image } = program;
  if (image === undefined) {
    return `the template names no image, and ${place.name} is a cluster: set program.image, with its digest`;
  }
  if (!place.allowTags && !DIGEST.test(image)) {
    return `the image '${image}' may be another one tomorrow: name it with its digest, as in registry.example.com/train@sha256:..., or allow tags (aiTraining.kubernetes[].allowTags)`;
  }
  const { flavor, cpu, memory } = resources;
  const names = flavors.map(({ name }) => name);
  if (flavor !== undefined && !names.includes(flavor)) {
    return `resources.flavor: there is no flavor '${flavor}': greenroom.flavors has ${
      names.join(', ') || 'none'
    }`;
  }
  for (const [name, text] of Object.entries({ cpu, memory })) {
    if (text === undefined || readQuantity(text) !== undefined) continue;
    return `resources.${name} is '${text}': expected a quantity as Kubernetes writes it, such as 500m or 2Gi`;
  }
  return undefined;
}
