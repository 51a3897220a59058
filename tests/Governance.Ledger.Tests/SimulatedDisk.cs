namespace Governance.Ledger.Tests;

/// <summary>What a disk does to one numbered operation.</summary>
internal enum DiskFault
{
    /// <summary>The call fails and changes nothing (EIO, ENOSPC).</summary>
    Fail,

    /// <summary>A write lands in part, then fails.</summary>
    ShortWrite,

    /// <summary>
    /// A flush of a file fails, and what it was to flush is taken for clean, as Linux does: it reads as written, and no later flush writes it. Counted
    /// by flushes, not by operations.
    /// </summary>
    LostFlush,

    /// <summary>Power is lost during the call: it may land in part, and nothing works afterwards.</summary>
    PowerLoss,
}

/// <summary>
/// A disk in memory that tells written from durable. After <see cref="AfterPowerLoss"/> it holds what was synced and a random part of what was
/// not: writes lost, torn at any byte and in any order; of creations, renames and deletions a random prefix for each folder.
/// One numbered operation, or several in a row, can be made to fail.
/// </summary>
internal sealed class SimulatedDisk : IFileLayer
{
    private const string Flush = "fdatasync";
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Folder> _folders;
    private readonly Random _random;
    private readonly DiskFault _fault;
    private int _failAt;
    private int _failures;
    private bool _dead;
    private int _openFiles;

    public SimulatedDisk(int seed, int failAt = -1, DiskFault fault = DiskFault.Fail, int failures = 1)
        : this(seed, new(StringComparer.Ordinal)) => (_failAt, _fault, _failures) = (failAt, fault, failures);

    private SimulatedDisk(int seed, Dictionary<string, Folder> folders) => (_random, _folders, _failAt) = (new Random(seed), folders, -1);

    /// <summary>Operations so far.</summary>
    public int Operations { get; private set; }

    /// <summary>Flushes of files so far.</summary>
    public int Flushes { get; private set; }

    /// <summary>Files open now.</summary>
    public int OpenFiles => Volatile.Read(ref _openFiles);

    /// <summary>Whether this process is still the writer of its folders.</summary>
    public bool IsHeld { get; set; } = true;

    /// <summary>The operation that was made to fail; null when none was.</summary>
    public string? Failed { get; private set; }

    public SimulatedDisk AfterPowerLoss()
    {
        lock (_gate)
        {
            var disk = new SimulatedDisk(_random.Next());
            foreach (var (path, folder) in _folders)
            {
                var survivor = new Folder();
                foreach (var (name, inode) in folder.AfterPowerLoss(_random))
                {
                    survivor.Durable[name] = survivor.Current[name] = new Inode(inode.AfterPowerLoss(_random));
                }

                disk._folders[path] = survivor;
            }

            return disk;
        }
    }

    /// <summary>A copy of the disk as the next process finds it when only the process died: everything written is there, and made durable.</summary>
    public SimulatedDisk AfterProcessDeath()
    {
        lock (_gate)
        {
            var disk = new SimulatedDisk(_random.Next());
            foreach (var (path, folder) in _folders)
            {
                var survivor = disk._folders[path] = new Folder();
                foreach (var (name, inode) in folder.Current)
                {
                    survivor.Durable[name] = survivor.Current[name] = new Inode([.. inode.Bytes]);
                }
            }

            return disk;
        }
    }

    /// <summary>The same disk for the next process, without faults: everything written is there, durable or not.</summary>
    public SimulatedDisk ForNextProcess()
    {
        lock (_gate)
        {
            return new SimulatedDisk(_random.Next(), _folders);
        }
    }

    /// <summary>Makes operations fail from now on, so many of them.</summary>
    public void FailNext(int failures)
    {
        lock (_gate)
        {
            (_failAt, _failures) = (Operations, failures);
        }
    }

    /// <summary>Changes stored bytes behind the ledger's back.</summary>
    public void Tamper(string path, Func<byte[], byte[]> change)
    {
        lock (_gate)
        {
            var folder = FolderOf(path);
            var inode = folder.Current[Path.GetFileName(path)];
            var changed = change([.. inode.Bytes]);
            inode.Do(0, null);
            inode.Do(0, changed);
        }
    }

    public IFile OpenRead(string path) => Run("open", path, () => Opened(path, Find(path) ?? throw new FileNotFoundException(null, path)));

    public IFile OpenWrite(string path) => Run("create", path, () =>
    {
        var folder = FolderOf(path);
        var name = Path.GetFileName(path);
        if (!folder.Current.ContainsKey(name))
        {
            var created = new Inode([]);
            folder.Do(m => m[name] = created);
        }

        return Opened(path, folder.Current[name]);
    });

    public bool Exists(string path)
    {
        lock (_gate)
        {
            return Find(path) is not null;
        }
    }

    public void Rename(string from, string to) => Run("rename", to, () =>
    {
        var inode = Find(from) ?? throw new FileNotFoundException(null, from);
        if (FolderOf(from) == FolderOf(to))
        {
            FolderOf(from).Do(m =>
            {
                m.Remove(Path.GetFileName(from));
                m[Path.GetFileName(to)] = inode;
            });
        }
        else
        {
            // Two folders, two journals: after a power loss the file may have both names or none.
            FolderOf(to).Do(m => m[Path.GetFileName(to)] = inode);
            FolderOf(from).Do(m => m.Remove(Path.GetFileName(from)));
        }

        return 0;
    });

    public void DeleteIfExists(string path) => Run("unlink", path, () =>
    {
        FolderOf(path).Do(m => m.Remove(Path.GetFileName(path)));
        return 0;
    });

    public void CreateDirectory(string path) => Run("mkdir", path, () =>
    {
        for (var folder = path; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            _folders.TryAdd(folder, new Folder());
        }

        return 0;
    });

    public IReadOnlyList<string> ListFiles(string path)
    {
        lock (_gate)
        {
            return _folders.TryGetValue(path, out var folder) ? [.. folder.Current.Keys] : [];
        }
    }

    public IReadOnlyList<string> ListFolders(string path)
    {
        lock (_gate)
        {
            return [.. _folders.Keys.Where(f => Path.GetDirectoryName(f) == path).Select(f => Path.GetFileName(f))];
        }
    }

    public void DeleteFolder(string path) => Run("rmdir", path, () =>
    {
        _folders.Remove(path);
        return 0;
    });

    public IFolderLock Lock(string folder, DateTimeOffset now) => new Held(this);

    public void SyncDirectory(string path) => Run("fsync folder", path, () =>
    {
        _folders[path].Sync();
        return 0;
    });

    private Folder FolderOf(string path) =>
        _folders.TryGetValue(Path.GetDirectoryName(path)!, out var folder) ? folder : throw new DirectoryNotFoundException(path);

    private Inode? Find(string path) =>
        _folders.TryGetValue(Path.GetDirectoryName(path)!, out var folder) && folder.Current.TryGetValue(Path.GetFileName(path), out var inode) ? inode : null;

    private T Run<T>(string operation, string path, Func<T> run, Action? partly = null)
    {
        lock (_gate)
        {
            if (_dead)
            {
                throw new IOException("The power is gone.");
            }

            var isFlush = operation == Flush;
            var number = _fault == DiskFault.LostFlush ? isFlush ? Flushes : -1 : Operations;
            Operations++;
            Flushes += isFlush ? 1 : 0;
            if (_failAt >= 0 && number >= _failAt && _failures > 0)
            {
                _failures--;
                Failed = $"{operation} {path}";
                _dead = _fault == DiskFault.PowerLoss;
                if (_fault != DiskFault.Fail)
                {
                    partly?.Invoke();
                }

                throw new IOException("Injected fault: " + operation);
            }

            return run();
        }
    }

    private Handle Opened(string path, Inode inode)
    {
        Interlocked.Increment(ref _openFiles);
        return new Handle(this, path, inode);
    }

    private sealed class Held(SimulatedDisk disk) : IFolderLock
    {
        public bool IsHeld => disk.IsHeld;

        public void Dispose()
        {
        }
    }

    private sealed class Folder
    {
        private readonly List<Action<Dictionary<string, Inode>>> _pending = [];

        public Dictionary<string, Inode> Durable { get; private set; } = new(StringComparer.Ordinal);

        public Dictionary<string, Inode> Current { get; } = new(StringComparer.Ordinal);

        public void Do(Action<Dictionary<string, Inode>> change)
        {
            change(Current);
            _pending.Add(change);
        }

        public void Sync()
        {
            Durable = new(Current, StringComparer.Ordinal);
            _pending.Clear();
        }

        public Dictionary<string, Inode> AfterPowerLoss(Random random)
        {
            var state = new Dictionary<string, Inode>(Durable, StringComparer.Ordinal);
            foreach (var change in _pending.Take(random.Next(_pending.Count + 1)))
            {
                change(state);
            }

            return state;
        }
    }

    private sealed class Inode(byte[] durable)
    {
        private readonly List<(long Offset, byte[] Bytes)> _pending = [];
        private byte[] _durable = durable;

        /// <summary>What readers see; never null, replaced as a whole.</summary>
        public byte[] Bytes { get; private set; } = durable;

        /// <summary>A write, or with null bytes a change of length.</summary>
        public void Do(long offset, byte[]? bytes)
        {
            Bytes = Apply(Bytes, offset, bytes);
            _pending.Add((offset, bytes ?? []));
        }

        public void Sync()
        {
            foreach (var (offset, bytes) in _pending)
            {
                _durable = Apply(_durable, offset, bytes.Length == 0 ? null : bytes);
            }

            _pending.Clear();
        }

        public void LoseFlush() => _pending.Clear();

        public byte[] AfterPowerLoss(Random random)
        {
            var state = _durable;
            foreach (var (offset, bytes) in _pending)
            {
                switch (random.Next(3))
                {
                    case 0:
                        break;
                    case 1:
                        state = Apply(state, offset, bytes.Length == 0 ? null : bytes[..random.Next(bytes.Length + 1)]);
                        break;
                    default:
                        state = Apply(state, offset, bytes.Length == 0 ? null : bytes);
                        break;
                }
            }

            return state;
        }

        private static byte[] Apply(byte[] state, long offset, byte[]? bytes)
        {
            var length = bytes is null ? offset : Math.Max(state.Length, offset + bytes.Length);
            var result = new byte[length];
            state.AsSpan(0, (int)Math.Min(state.Length, length)).CopyTo(result);
            bytes?.CopyTo(result, offset);
            return result;
        }
    }

    private sealed class Handle(SimulatedDisk disk, string path, Inode inode) : IFile
    {
        private bool _closed;

        public long Length
        {
            get
            {
                lock (disk._gate)
                {
                    return inode.Bytes.Length;
                }
            }
        }

        public int Read(long offset, Span<byte> buffer)
        {
            byte[] bytes = disk.Run("read", path, () => inode.Bytes);
            var count = (int)Math.Clamp(bytes.Length - offset, 0, buffer.Length);
            bytes.AsSpan((int)Math.Min(offset, bytes.Length), count).CopyTo(buffer);
            return count;
        }

        public void Expect(long offset, int length)
        {
        }

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            var copy = bytes.ToArray();
            disk.Run(
                "write",
                path,
                () =>
                {
                    inode.Do(offset, copy);
                    return 0;
                },
                () => inode.Do(offset, copy[..disk._random.Next(1, copy.Length + 1)]));
        }

        public void SetLength(long length) => disk.Run("truncate", path, () =>
        {
            inode.Do(length, null);
            return 0;
        });

        public void Sync() => disk.Run(
            Flush,
            path,
            () =>
            {
                inode.Sync();
                return 0;
            },
            () =>
            {
                if (disk._fault == DiskFault.LostFlush)
                {
                    inode.LoseFlush();
                }
            });

        public void Dispose()
        {
            if (!Interlocked.Exchange(ref _closed, true))
            {
                Interlocked.Decrement(ref disk._openFiles);
            }
        }
    }
}
