import { hasArtifact, type LocalVersionSpec } from '@scarmonit/core/registry/version-spec';
import type { Check, CheckSurroundings, Finding } from './finding.ts';

/** Reads every byte of every artifact: what is declared is what is loaded. */
export const checkArtifacts: Check = async ({ manifest, artifacts }) => {
  const versions = manifest?.models.flatMap((model) => model.versions).filter(hasArtifact) ?? [];
  const findings: Omit<Finding, 'check'>[] = [];
  for (const version of versions) findings.push(await checkArtifact(version, artifacts));
  return findings;
};

async function checkArtifact(
  { model, version, artifact }: LocalVersionSpec,
  artifacts: CheckSurroundings['artifacts'],
): Promise<Omit<Finding, 'check'>> {
  const name = `${model}@${version}`;
  const path = await artifacts.find(artifact.sha256);
  if (path === undefined) {
    return {
      status: 'warn',
      message: `${name} is not fetched yet.`,
      fix: `The next start fetches it, or now: scarmonit models pull ${name}`,
    };
  }
  try {
    await artifacts.verify(artifact.sha256);
    return { status: 'ok', message: `${name} is here, sha256 ${artifact.sha256.slice(0, 12)}… checked.` };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return {
      status: 'fail',
      message: `${name}: ${message}`,
      fix: `Fetch it anew: rm '${path}' && scarmonit models pull ${name}`,
    };
  }
}
