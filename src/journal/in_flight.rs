//! The operations that this process is working on, for the report of a process that is told to end at once.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::OperationId;

/// The operations that this process is working on. All clones share one list.
#[derive(Clone, Debug, Default)]
pub struct InFlight(Arc<Mutex<BTreeMap<OperationId, bool>>>);

impl InFlight {
    fn list(&self) -> MutexGuard<'_, BTreeMap<OperationId, bool>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records that this process is working on an operation. `may_lack_access` says that a guest may have no working key
    /// if the process ends now.
    pub(crate) fn working(&self, operation: &OperationId, may_lack_access: bool) {
        self.list().insert(operation.clone(), may_lack_access);
    }

    /// Records that this process has stopped working on an operation.
    pub(crate) fn settled(&self, operation: &OperationId) {
        self.list().remove(operation);
    }

    /// Returns the operations, oldest first. The flag of each says that a guest may have no working key if the process
    /// ends now.
    pub fn operations(&self) -> Vec<(OperationId, bool)> {
        let list = self.list();
        list.iter().map(|(id, flag)| (id.clone(), *flag)).collect()
    }
}
