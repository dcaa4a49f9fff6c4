import { answerQuestions } from '../core/workers.js'
import { html } from '../html/escape.js'
import { renderReportBody } from '../html/report.js'
import { sentence } from '../html/sections/headline.js'
import type { RunReport } from '../report/runReport.js'
import { createParts, TITLE } from './parts.js'
import { type LastPage, type PageServer, servePage } from './server.js'
import type { WatchState } from './state.js'

/** What the thread of the live page is told. */
export type WatchQuestion =
  | { kind: 'open'; port: number; state: WatchState }
  | { kind: 'show'; state: WatchState }
  | { kind: 'report'; report: RunReport }
  /** The run failed. */
  | { kind: 'fault'; sentence: string }

/** Where the page is, after `open`; nothing else has an answer worth telling. */
export type WatchAnswer = string | undefined

const draw = createParts()
let state: WatchState | undefined
let server: PageServer | undefined
let hasEnded = false

function parts() {
  return state === undefined ? [] : draw(state)
}

answerQuestions(
  async (question: WatchQuestion): Promise<WatchAnswer> => {
    if (question.kind === 'open' || question.kind === 'show') state = question.state
    if (question.kind === 'open')
      server = await servePage({ port: question.port, title: TITLE, read: parts })
    if (question.kind === 'report') await end(lastPageOf(question.report))
    if (question.kind === 'fault') await end(faultPage(question.sentence))
    return question.kind === 'open' ? server?.url : undefined
  },
  async () => {
    if (!hasEnded) await end(faultPage('It was interrupted.'))
    await server?.close()
  },
)

async function end(page: LastPage): Promise<void> {
  hasEnded = true
  await server?.end(page)
}

function lastPageOf(report: RunReport): LastPage {
  return {
    title: sentence(report),
    main: renderReportBody(report),
    text: `The run has ended. This page is its report, the same as report.html of ${report.run.id}, and stays as long as it is open.`,
  }
}

/** What was shown last, below what happened. */
function faultPage(text: string): LastPage {
  return {
    title: 'The run failed',
    main: html`<p class="callout bad"><strong>The run failed.</strong> ${text}</p>
${parts().flatMap(({ name, markup }) => (name === 'status' || name === 'progress' ? [] : [markup]))}`,
    text: 'The run failed.',
  }
}
