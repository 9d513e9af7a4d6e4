import type { PortalOptions } from '@scarmonit/server/app-parts';
import type { AgentApiOptions } from '@scarmonit/server/create-agent-api';
import type { Logger } from 'pino';
import type { HostConfig } from './config.ts';
import { createFailureLog } from './logger.ts';

/** The settings of the app on this host, in whichever of its processes it runs. */
export function toApiOptions(
  config: HostConfig,
  logger: Logger,
  {
    newRequestId,
    tracer,
    onRefused,
  }: Pick<AgentApiOptions, 'tracer'> & Required<Pick<AgentApiOptions, 'newRequestId' | 'onRefused'>>,
  portal?: PortalOptions,
): AgentApiOptions {
  return {
    newRequestId,
    tracer,
    onRefused,
    maxBodyBytes: config.maxBodyBytes,
    cors: { origins: config.corsOrigins },
    ...(portal === undefined ? {} : { portal }),
    onError: createFailureLog(logger),
    ...(logger.isLevelEnabled('debug')
      ? { onAnswered: (answered) => logger.debug(answered, 'a request was answered') }
      : {}),
  };
}
