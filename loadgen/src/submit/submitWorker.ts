import { answerQuestions } from '../core/workers.js'
import type { Span } from './lanes.js'
import { createSender, type Sender, type SenderData, type Sentence } from './sender.js'

/** What a thread that sends is asked. */
export type SenderQuestion = { type: 'send'; span: Span } | { type: 'finish' } | { type: 'stop' }

let sender: Sender | undefined

answerQuestions(
  (question: SenderQuestion, data: SenderData): Promise<Sentence[]> | Sentence[] => {
    sender ??= createSender(data)
    if (question.type === 'send') return sender.send(question.span)
    if (question.type === 'finish') return sender.finish()
    sender.stop()
    return []
  },
  // Who ends the process does not wait until a node that is gone has been tried for long enough.
  () => sender?.stop(),
)
