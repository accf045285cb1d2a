/** Every command, in the order in which the help lists them. */
import type { RegisterCommand } from '../command.ts'
import { registerOpen } from './open.ts'
import { registerIndex } from './index-folders.ts'
import { registerServe } from './serve.ts'
import { registerStatus } from './status.ts'
import { registerFaces } from './faces.ts'
import { registerClusters } from './clusters.ts'
import { registerPeople } from './people.ts'
import { registerName } from './name.ts'
import { registerConfirm } from './confirm.ts'
import { registerReject } from './reject.ts'
import { registerIgnore } from './ignore.ts'
import { registerSearch } from './search.ts'
import { registerUndo } from './undo.ts'
import { registerRedo } from './redo.ts'
import { registerHistory } from './history.ts'
import { registerVerify } from './verify.ts'
import { registerIdentify } from './identify.ts'
import { registerEvaluate } from './evaluate.ts'
import { registerAlign } from './align.ts'
import { registerExport } from './export.ts'
import { registerTrain } from './train.ts'
import { registerModels } from './models.ts'
import { registerDoctor } from './doctor.ts'

export const commands: readonly RegisterCommand[] = [
  registerOpen, registerIndex, registerServe, registerStatus, registerFaces, registerClusters, registerPeople,
  registerName, registerConfirm, registerReject, registerIgnore, registerSearch, registerUndo, registerRedo,
  registerHistory, registerVerify, registerIdentify, registerEvaluate, registerAlign, registerTrain, registerExport,
  registerModels, registerDoctor,
]
