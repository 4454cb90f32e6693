/** Servers from images, where Docker answers. */
import { type GenericContainer, getContainerRuntimeClient, type StartedTestContainer } from 'testcontainers';

export async function dockerAnswers(): Promise<boolean> {
  try {
    await getContainerRuntimeClient();
    return true;
  } catch {
    return false;
  }
}

/** Starts it and hands it to `owned`. @returns undefined, and says why, where its image is not to be had or does not run. */
export async function startContainer(
  name: string,
  container: GenericContainer,
  owned: AsyncDisposableStack,
): Promise<StartedTestContainer | undefined> {
  try {
    const started = await container.start();
    owned.defer(async () => {
      await started.stop();
    });
    return started;
  } catch (error) {
    const [why] = (error instanceof Error ? error.message : String(error)).split('\n');
    console.log(`${name}: Docker answers, but gives no container: ${why}`);
    return undefined;
  }
}
