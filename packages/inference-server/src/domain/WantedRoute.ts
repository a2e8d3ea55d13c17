import type {
  ModelRoute,
  RoutesDocument,
  Variant,
  VariantBase,
} from '@greenroom/plugin-ai-inference-common';

/** A variant of a kind that only a newer data plane serves. */
export interface UnknownVariant extends VariantBase {
  kind: 'unknown';
  /** What the control plane calls the kind. */
  name: string;
}

/** What the control plane wants served, as far as this data plane understands it. */
export type WantedVariant = Variant | UnknownVariant;

export type WantedRoute = Omit<ModelRoute, 'variants'> & {
  variants: WantedVariant[];
};

export type WantedRoutes = Omit<RoutesDocument, 'models'> & {
  models: WantedRoute[];
};
