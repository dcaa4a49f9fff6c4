import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { EXIT } from '../src/core/errors.js'
import {
  KEY_VARIABLE,
  loadgen,
  type Output,
  PAID,
  serveDevnet,
  temporaryFolder,
} from './support/cli.js'
import { readReport } from './support/runs.js'

const FOLDER = fileURLToPath(new URL('../../deploy/k8s/', import.meta.url))
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'))

type Container = {
  name: string
  image: string
  args: string[]
  env?: { name: string; value?: string; valueFrom?: { secretKeyRef: Record<string, string> } }[]
  envFrom?: { configMapRef: { name: string } }[]
  resources: { requests: Record<string, string>; limits: Record<string, string> }
  securityContext: Record<string, unknown>
  volumeMounts: { name: string; mountPath: string }[]
}
type Pod = {
  restartPolicy: string
  securityContext: Record<string, unknown>
  initContainers?: Container[]
  containers: Container[]
  volumes: { name: string; persistentVolumeClaim: { claimName: string } }[]
}
type Job = {
  apiVersion: string
  kind: 'Job'
  metadata: { name: string }
  spec: {
    completionMode?: string
    completions?: number
    parallelism?: number
    backoffLimit?: number
    backoffLimitPerIndex?: number
    podFailurePolicy?: {
      rules: { action: string; onExitCodes?: { containerName: string; values: number[] } }[]
    }
    template: { spec: Pod }
  }
}
type Document = { apiVersion: string; kind: string; metadata: { name: string } }

const documents = FILES.flatMap((name) =>
  parseAllDocuments(readFileSync(join(FOLDER, name), 'utf8')).map((document) => {
    expect(document.errors, name).toEqual([])
    return document.toJS() as Document
  }),
)
const one = <T>(kind: string, name: string): T => {
  const found = documents.filter((d) => d.kind === kind && d.metadata.name === name)
  expect(found.length, `${kind} ${name}`).toBe(1)
  return found[0] as T
}
const jobs = ['prepare', 'shards', 'merge'].map((name) => one<Job>('Job', `loadgen-${name}`))
const [prepare, shards, merge] = jobs as [Job, Job, Job]
const config = one<{ data: Record<string, string> }>('ConfigMap', 'loadgen').data
const containersOf = ({ spec: { template } }: Job) => [
  ...(template.spec.initContainers ?? []),
  ...template.spec.containers,
]

describe('the manifests', () => {
  test('the generators are an Indexed Job of as many as the set-up is told', () => {
    const count = Number(config.SHARDS)
    expect(count).toBeGreaterThan(1)
    expect(shards.spec).toMatchObject({
      ...{ completionMode: 'Indexed', completions: count, parallelism: count },
      backoffLimitPerIndex: 3,
    })
    const [shard] = containersOf(shards)
    expect(shard?.args).toContain('--shard=$(JOB_COMPLETION_INDEX)/$(SHARDS)')
    expect(shard?.args).toContain('--resume')
  })

  test('an index is not repeated for an exit code that would be the same again', () => {
    const [rule] = shards.spec.podFailurePolicy?.rules.filter((r) => r.onExitCodes) ?? []
    expect(rule).toMatchObject({
      action: 'FailIndex',
      onExitCodes: { containerName: 'shard', values: [EXIT.fault, EXIT.usage, EXIT.threshold] },
    })
    // It takes pods that are not restarted in place.
    for (const { spec } of jobs) expect(spec.template.spec.restartPolicy).toBe('Never')
  })

  test('the funder’s key is a reference to a secret, of the set-up alone', () => {
    const withSecret = jobs.flatMap((job) =>
      containersOf(job).filter(({ env = [] }) => env.some(({ valueFrom }) => valueFrom)),
    )
    expect(withSecret.map(({ name }) => name)).toEqual(['setup'])
    expect(withSecret[0]?.env).toEqual([
      {
        name: KEY_VARIABLE,
        valueFrom: { secretKeyRef: { name: 'loadgen-funder', key: 'private-key' } },
      },
    ])
    for (const name of readdirSync(FOLDER)) {
      const text = readFileSync(join(FOLDER, name), 'utf8')
      expect(text, name).not.toMatch(/0x[0-9a-f]{64}|^kind: Secret/im)
    }
  })

  test.each(jobs.map((job) => [job.metadata.name, job] as const))(
    '%s is small and confined',
    (_, job) => {
      expect(job).toMatchObject({ apiVersion: 'batch/v1', kind: 'Job' })
      const { securityContext, volumes } = job.spec.template.spec
      expect(securityContext).toMatchObject({ runAsNonRoot: true, fsGroup: 1000 })
      expect(volumes).toEqual([
        { name: 'runs', persistentVolumeClaim: { claimName: 'loadgen-runs' } },
      ])
      for (const container of containersOf(job)) {
        expect(container.resources.requests).toMatchObject({
          cpu: expect.stringMatching(/^\d+$/),
          memory: expect.stringMatching(/^\d+Gi$/),
        })
        expect(container.resources.limits.memory).toMatch(/^\d+Gi$/)
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        })
        expect(container.volumeMounts).toEqual([{ name: 'runs', mountPath: '/runs' }])
      }
    },
  )

  test('the volume can be written by many machines', () => {
    expect(one('PersistentVolumeClaim', 'loadgen-runs')).toMatchObject({
      spec: { accessModes: ['ReadWriteMany'] },
    })
  })
})

/** What the pods would do, done by processes: their arguments, with their variables, on a folder in place of the volume. */
describe('the commands of the manifests', () => {
  const runs = temporaryFolder()
  let url: string
  const run = (container: Container | undefined, extra: string[], index = 0): Promise<Output> => {
    const variables = { ...config, RPC_URL: url, JOB_COMPLETION_INDEX: String(index) }
    const args = (container?.args ?? []).map((arg) =>
      arg
        .replaceAll(/\$\((\w+)\)/g, (_, name: keyof typeof variables) => {
          expect(variables, `$(${name})`).toHaveProperty(name)
          return variables[name] as string
        })
        .replaceAll('/runs', runs),
    )
    const hasKey = container?.env?.some(({ name }) => name === KEY_VARIABLE) === true
    return loadgen([...args, ...extra], hasKey ? PAID : {})
  }

  beforeAll(async () => {
    const devnet = await serveDevnet('--block-time', '100')
    url = devnet.url
    return async () => {
      devnet.cli.interrupt('terminal')
      await devnet.cli.ended
    }
  })

  test('prepare, four shards, merge: one verified report', async () => {
    const [plan, setup] = containersOf(prepare)
    // The scenario of the manifest, smaller.
    expect((await run(plan, ['--traders', '12', '--orders', '48'])).complaint).toBe('')
    expect((await run(setup, [])).complaint).toBe('')
    const [shard] = containersOf(shards)
    const indices = Array.from({ length: shards.spec.completions as number }, (_, i) => i)
    for (const { code, complaint } of await Promise.all(indices.map((i) => run(shard, [], i))))
      expect({ code, complaint }).toEqual({ code: EXIT.ok, complaint: '' })
    // A pod that comes again finds its work done and sends nothing.
    const again = await run(shard, ['--json'], 1)
    expect({ code: again.code, complaint: again.complaint }).toEqual({ code: 0, complaint: '' })
    expect(JSON.parse(again.stdout)).toEqual(await readReport(join(runs, 'shards', '1')))

    const { code, complaint } = await run(containersOf(merge)[0], [])
    expect({ code, complaint }).toEqual({ code: EXIT.ok, complaint: '' })
    const report = await readReport(join(runs, 'merged'))
    expect(report.workload).toMatchObject({ scenario: 'balanced', traders: 12, orders: 48 })
    expect(report.modes.netting?.orders).toMatchObject({ signed: 48, settled: 48 })
  })
})
