import type { VersionRepository } from '../src/ports/version-repository.ts';
import type {
  RegisteredVersion,
  VersionStatusRecord,
  VersionStatusRepository,
} from '../src/ports/version-status-repository.ts';
import type { Traffic } from '../src/routing/traffic.ts';

/** What was registered, and what was said of it, in memory; with the compare-and-swap of the real store. */
export interface FakeVersionStore {
  readonly versions: VersionRepository;
  readonly statuses: VersionStatusRepository;
  readonly said: VersionStatusRecord[];
}

/** @param traffic all that ever was, from which it follows what was ever stable */
export function createFakeVersionStore(traffic: readonly Traffic[] = []): FakeVersionStore {
  const registered = new Map<string, Omit<RegisteredVersion, 'said' | 'wasStable'>>();
  const said: VersionStatusRecord[] = [];
  const isOf =
    (model: string, version: string) =>
    (one: { readonly model: string; readonly version: string }): boolean =>
      one.model === model && one.version === version;
  const find = (model: string, version: string) => [...registered.values()].find(isOf(model, version));
  const newest = () => new Map(said.map((record) => [`${record.model}@${record.version}`, record]));
  return {
    said,
    versions: {
      find: async (_project, model, version) => find(model, version)?.digest,
      findDeclaration: async (_project, model, version) => find(model, version)?.declaration,
      firstRegistrations: async () => {
        const dates = new Map<string, number>();
        for (const { model, createdAt } of registered.values()) if (!dates.has(model)) dates.set(model, createdAt);
        return dates;
      },
      register: async (_project, model, version, digest, createdAt, declaration) => {
        const known = find(model, version);
        if (known !== undefined) return known.digest === digest ? 'same' : 'different';
        registered.set(`${model}@${version}`, { model, version, digest, createdAt, declaration });
        return 'registered';
      },
    },
    statuses: {
      list: async (_project, model) =>
        [...registered.values()]
          .filter((one) => model === undefined || one.model === model)
          .map((one) => {
            const word = newest().get(`${one.model}@${one.version}`);
            const wasStable = traffic.some(({ model: name, stable }) => name === one.model && stable === one.version);
            return { ...one, ...(word === undefined ? {} : { said: word }), wasStable };
          }),
      listDeprecated: async () => [...newest().values()].filter(({ status }) => status === 'deprecated'),
      append: async (_project, record) => {
        const taken = said.filter(isOf(record.model, record.version));
        if (taken.some(({ revision }) => revision === record.revision)) return false;
        said.push(record);
        return true;
      },
      keepCard: async (_project, model, version, card) => {
        const one = find(model, version);
        if (one?.card === undefined && one !== undefined) registered.set(`${model}@${version}`, { ...one, card });
      },
    },
  };
}
