import { Loaded } from '@greenroom/ai-react';
import { ModelOverview } from '../model/ModelOverview';
import { useModelOverview } from '../model/useModelOverview';
import { useEntityModelName } from './useEntityModel';

/** The versions tab on a model's catalog page. */
export function ModelEntityContent() {
  const overview = useModelOverview(useEntityModelName());
  return (
    <Loaded
      live={overview}
      what="the registered model"
      skeleton={[112, 220, 160]}
    >
      {value => <ModelOverview overview={value} />}
    </Loaded>
  );
}
