import type { Deployment } from '@greenroom/plugin-ai-inference-common';
import {
  type PipelineRow,
  type PipelineStop,
  placeRef,
} from '@greenroom/plugin-ai-registry-common';
import { describeDifference, describeTraffic } from '../serving';

/** What serves of some models. */
export interface Serving {
  /** Names of the models that were asked about: of others nothing is known. */
  asked: ReadonlySet<string>;
  byPlace: ReadonlyMap<string, Deployment>;
}

/** What serves differs from what is wanted. */
export interface Drift {
  /** "Wanted version 2, serving version 1". */
  what: string;
  why: string;
}

/** What is to be seen of a model in an environment. */
export interface StopView {
  serving?: Deployment;
  drift?: Drift;
}

/** Holds what Git asks for against what serves. */
export function lookAt(
  model: string,
  { environment, deployment }: PipelineStop,
  serving: Serving | undefined,
): StopView {
  if (!deployment || !serving?.asked.has(model)) return {};
  const here = serving.byPlace.get(placeRef({ environment, model }));
  const wanted = `Wanted version ${deployment.version}`;
  if (!here) {
    return {
      drift: {
        what: `${wanted}, nothing serves`,
        why: 'No data plane was told of it yet.',
      },
    };
  }
  if (here.wanted.version !== deployment.version) {
    const traffic = describeTraffic(here.variants);
    return {
      serving: here,
      drift: {
        what: `${wanted}, ${traffic ? `serving ${traffic}` : 'nothing serves'}`,
        why: 'The change has only just been applied.',
      },
    };
  }
  const difference = describeDifference(here);
  // Nobody needs what sleeps, so that nothing is wrong.
  if (!difference || here.convergence.state === 'asleep') {
    return { serving: here };
  }
  return {
    serving: here,
    drift: {
      what: `${wanted}, ${
        difference.serving.charAt(0).toLocaleLowerCase('en') +
        difference.serving.slice(1)
      }`,
      why: difference.reason,
    },
  };
}

/** Whether something is on its way for a model, or is not as it should be. */
export function isMoving(
  row: PipelineRow,
  serving: Serving | undefined,
): boolean {
  return row.stops.some(
    stop =>
      stop.promotion !== undefined ||
      stop.problem !== undefined ||
      lookAt(row.model.name, stop, serving).drift !== undefined,
  );
}
