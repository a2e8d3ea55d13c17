import { useApi } from '@backstage/frontend-plugin-api';
import { Button, Text } from '@backstage/ui';
import { FormDialog } from '@greenroom/ai-react';
import {
  type DeprecatedThing,
  describeDeprecated,
} from '@greenroom/plugin-ai-registry-common';
import { useState } from 'react';
import { aiRegistryApiRef } from '../api/AiRegistryApi';

/** Takes a deprecation back, once somebody says so twice. */
export function WithdrawDeprecationButton(props: {
  thing: DeprecatedThing;
  onChanged(): void;
}) {
  const { thing, onChanged } = props;
  const registry = useApi(aiRegistryApiRef);
  const [open, setOpen] = useState(false);
  const about = describeDeprecated(thing);
  return (
    <>
      <Button variant="secondary" onPress={() => setOpen(true)}>
        Take deprecation back
      </Button>
      <FormDialog
        isOpen={open}
        onOpenChange={setOpen}
        title={`Take the deprecation of ${about} back?`}
        submitLabel="Take it back"
        failedTitle="It was not taken back"
        onSubmit={async () => {
          await registry.withdrawDeprecation(thing);
          onChanged();
        }}
      >
        <Text>
          Its answers stop saying so, and the owners of keys who were told are
          told of this, too.
        </Text>
      </FormDialog>
    </>
  );
}
