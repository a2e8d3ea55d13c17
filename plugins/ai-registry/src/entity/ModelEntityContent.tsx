import { Loaded } from '@greenroom/ai-react';
import { ModelOverview } from '../model/ModelOverview';
import { useEntityModel } from './useEntityModel';

/** The versions tab on a model's catalog page. */
export function ModelEntityContent() {
  const model = useEntityModel();
  return (
    <Loaded live={model} what="the registered model" skeleton={[112, 220, 160]}>
      {value => <ModelOverview model={value} />}
    </Loaded>
  );
}
