import { Checkbox, CheckboxGroup } from '@backstage/ui';
import {
  KEY_SCOPES,
  type KeyScope,
} from '@greenroom/plugin-ai-inference-common';

const WHAT: Record<KeyScope, string> = {
  versions: 'Have a version answer that it names, whatever the rollout says',
  load: 'Load and unload models that are held on demand',
  train: 'Start and end training jobs of templates that its owner owns',
};

/** What a key may do besides calling models. */
export function ScopesField(props: {
  value: readonly KeyScope[];
  onChange(value: KeyScope[]): void;
}) {
  return (
    <CheckboxGroup
      label="It may also"
      value={[...props.value]}
      onChange={chosen =>
        props.onChange(KEY_SCOPES.filter(scope => chosen.includes(scope)))
      }
    >
      {KEY_SCOPES.map(scope => (
        <Checkbox key={scope} value={scope}>
          {WHAT[scope]}
        </Checkbox>
      ))}
    </CheckboxGroup>
  );
}
