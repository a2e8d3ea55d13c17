import type {
  MlflowFacts,
  ModelFormat,
} from '@greenroom/plugin-ai-registry-common';

/** Flavors of MLflow that are converted to ONNX; where a version has several, the first of them. */
export const CONVERTIBLE_FLAVORS = ['sklearn', 'xgboost', 'lightgbm'] as const;

export type ConvertibleFlavor = (typeof CONVERTIBLE_FLAVORS)[number];

/** Which flavor a version would be converted from; undefined where it is none that is converted. */
export function convertibleFlavorOf(version: {
  format: ModelFormat;
  mlflow?: MlflowFacts;
}): ConvertibleFlavor | undefined {
  if (version.format !== 'mlflow') return undefined;
  return CONVERTIBLE_FLAVORS.find(flavor =>
    version.mlflow?.flavors.some(({ name }) => name === flavor),
  );
}

/** How somebody wants a version converted. */
export interface NewConversion {
  /**
   * Whether it may be read by another version of its library than the one that it was logged with, which may
   * make another model of it. Default false.
   */
  allowOtherVersions?: boolean;
}

/** Where it stands; `since` is ISO 8601. */
export type ConversionState =
  /** Its job waits or runs. */
  | { phase: 'converting'; since: string }
  /** `made` is the number of the version in ONNX; undefined where it was deleted since. */
  | { phase: 'converted'; since: string; made?: number }
  /** Nothing was registered. */
  | {
      phase: 'failed';
      since: string;
      /** In a sentence, with what to do about it where the program knows. */
      reason: string;
    }
  | {
      phase: 'cancelled';
      since: string;
      /** Entity ref. */
      by: string;
    };

/** The last time that somebody had a version converted to ONNX. */
export interface Conversion {
  model: string;
  /** The version that MLflow has logged. */
  version: number;
  /** Id of the training job that does it. */
  job: string;
  /** Id of its run. */
  run: string;
  /** Entity ref of a person, or `service:<name>`. */
  requestedBy: string;
  /** ISO 8601. */
  requestedAt: string;
  allowOtherVersions: boolean;
  state: ConversionState;
}

/** Names of templates have no dots: nobody registers one of these. */
const PREFIX = 'onnx.';

/** What the jobs that convert versions of a model have as their template, and are permitted by. */
export function conversionTemplateOf(model: string): string {
  return `${PREFIX}${model}`;
}

/** The model of such a name; undefined for names of templates that somebody has registered. */
export function modelOfTemplate(template: string): string | undefined {
  return template.startsWith(PREFIX)
    ? template.slice(PREFIX.length)
    : undefined;
}
