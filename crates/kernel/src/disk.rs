//! Disks as files of records. What is appended is *written* (page cache); a sync or the write-back of
//! the operating system makes it *synced*. A process crash keeps what is written, a power loss only
//! what is synced and a part of the rest.

use crate::seq::Seq;
use crate::sorted::SortedMap;
use crate::system::System;
use borsh::BorshSerialize;

/// One file.
#[derive(Clone, Debug, BorshSerialize)]
pub struct File<R: Clone + BorshSerialize> {
    /// All records written.
    pub records: Seq<R>,
    /// How many of them, from the first, are on the disk for certain.
    pub synced: u64,
}

impl<R: Clone + BorshSerialize> Default for File<R> {
    fn default() -> Self {
        File {
            records: Seq::new(),
            synced: 0,
        }
    }
}

/// The disk of a host.
#[derive(Clone, Debug, BorshSerialize)]
pub struct Disk<S: System> {
    files: SortedMap<S::File, File<S::Record>>,
    /// No space is left: appends fail.
    pub full: bool,
}

impl<S: System> Default for Disk<S> {
    fn default() -> Self {
        Disk {
            files: SortedMap::new(),
            full: false,
        }
    }
}

impl<S: System> Disk<S> {
    /// The records of a file, if it exists.
    #[must_use]
    pub fn read(&self, file: &S::File) -> Option<&Seq<S::Record>> {
        self.files.get(file).map(|f| &f.records)
    }

    /// How many records the file holds.
    #[must_use]
    pub fn len(&self, file: &S::File) -> u64 {
        self.files.get(file).map_or(0, |f| f.records.len() as u64)
    }

    /// How many records of the file are on the disk for certain.
    #[must_use]
    pub fn synced(&self, file: &S::File) -> u64 {
        self.files.get(file).map_or(0, |f| f.synced)
    }

    /// The names of all files, in order.
    pub fn names(&self) -> impl Iterator<Item = &S::File> {
        self.files.keys()
    }

    /// All files with their contents, in order.
    pub fn files(&self) -> impl Iterator<Item = (&S::File, &File<S::Record>)> {
        self.files.iter()
    }

    pub(crate) fn append(&mut self, file: &S::File, record: S::Record) {
        match self.files.get_mut(file) {
            Some(f) => f.records.push_back(record),
            None => {
                let mut f = File::default();
                f.records.push_back(record);
                self.files.insert(file.clone(), f);
            }
        }
    }

    /// Keeps the first `len` records.
    pub(crate) fn truncate(&mut self, file: &S::File, len: u64) {
        if let Some(f) = self.files.get_mut(file)
            && len < f.records.len() as u64
        {
            f.records
                .truncate(usize::try_from(len).unwrap_or(usize::MAX));
            f.synced = f.synced.min(len);
        }
    }

    /// Drops the first `count` records (a deleted segment).
    pub(crate) fn drop_front(&mut self, file: &S::File, count: u64) {
        if let Some(f) = self.files.get_mut(file) {
            let count = count.min(f.records.len() as u64);
            f.records
                .drop_front(usize::try_from(count).unwrap_or(usize::MAX));
            f.synced = f.synced.saturating_sub(count);
        }
    }

    /// Puts these records in the place of the first `count`, durably: how a cleaned segment is swapped in.
    pub(crate) fn replace_front(&mut self, file: &S::File, count: u64, records: Vec<S::Record>) {
        if let Some(f) = self.files.get_mut(file) {
            let count = count.min(f.records.len() as u64);
            let rest = f
                .records
                .split_off(usize::try_from(count).unwrap_or(usize::MAX));
            let new = records.len() as u64;
            let mut all: Seq<S::Record> = records.into_iter().collect();
            all.append(rest);
            f.records = all;
            f.synced = new + f.synced.saturating_sub(count);
        }
    }

    /// Replaces the whole content at once, durably: how small checkpoint files are written
    /// (write a new file, sync it, rename).
    pub(crate) fn replace(&mut self, file: &S::File, records: Vec<S::Record>) {
        let synced = records.len() as u64;
        self.files.insert(
            file.clone(),
            File {
                records: records.into_iter().collect(),
                synced,
            },
        );
    }

    pub(crate) fn remove(&mut self, file: &S::File) {
        self.files.remove(file);
    }

    pub(crate) fn mark_synced(&mut self, file: &S::File, upto: u64) {
        if let Some(f) = self.files.get_mut(file) {
            f.synced = f.synced.max(upto.min(f.records.len() as u64));
        }
    }

    pub(crate) fn clear(&mut self) {
        self.files.clear();
    }

    pub(crate) fn file_names(&self) -> Vec<S::File> {
        self.files.keys().cloned().collect()
    }
}
