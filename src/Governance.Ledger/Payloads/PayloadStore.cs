using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Governance.Ledger;

/// <summary>
/// Encrypted payloads beside a log, from which a subject can be erased while the log stays as it is. Thread-safe; one process per folder.
/// <list type="bullet">
/// <item>As the <see cref="LedgerOptions.Barrier"/> of a log, a payload sealed before an append MUST be durable before that append is acknowledged.</item>
/// <item>After <see cref="Erase"/> returns, no payload of the subject MUST be decryptable from this folder, whatever copies of payload files exist.
/// Copies of the sealed key state die with the key-encryption key: roll it with <see cref="Reseal"/> and destroy the old one.</item>
/// <item>A crash at any moment of an erasure leaves it either not begun or finished at the next opening.</item>
/// <item>A subject under a hold or restriction MUST NOT be erased, nor a month expired that holds a payload of one.</item>
/// <item>After a storage failure it MUST NOT take a payload until <see cref="Recover()"/> went through: it goes on from the state that is sealed on disk,
/// and what was sealed and not flushed may be gone.</item>
/// </list>
/// </summary>
public sealed class PayloadStore : ICommitBarrier, IDisposable
{
    /// <summary>Longest plaintext, in bytes.</summary>
    public const int MaximumPlaintext = 4 << 20;

    private const int TombstoneBytes = 1 << 20;
    private const string StateFile = "keys.state";

    /// <summary>The highest epoch ever sealed here: an older state put back in its place is found.</summary>
    private const string EpochFile = "keys.epoch";
    private static readonly byte[] KeyInfo = "governance-ledger/payload@v1"u8.ToArray();

    private readonly string _folder;
    private readonly PayloadStoreOptions _options;
    private readonly IFolderLock _folderLock;
    private readonly KeyState _state;
    private readonly ReaderWriterLockSlim _lock = new();

    /// <summary>One caller sweeps what was erased, or opens the files again. Taken before <see cref="_lock"/>.</summary>
    private readonly Lock _sweeping = new();
    private PayloadFiles _files;
    private IKeyEncryptionKey _key;

    /// <summary>The key of a roll that failed: the state on disk may be sealed by it.</summary>
    private IKeyEncryptionKey? _offered;
    private long _sealedEpoch;
    private int _opening;
    private string? _failure;

    private PayloadStore(string folder, PayloadStoreOptions options, IFolderLock folderLock, KeyState state, IKeyEncryptionKey key)
    {
        (_folder, _options, _folderLock, _state, _key) = (folder, options, folderLock, state, key);
        _sealedEpoch = state.Epoch;
        _files = OpenFiles();
    }

    /// <summary>Why it takes no payloads until it has recovered; null while it does.</summary>
    public string? Failure => Volatile.Read(ref _failure);

    /// <summary>Number of the sealed key state. A folder whose epoch is lower than one recorded in the log was restored from a backup.</summary>
    public long KeyEpoch => _state.Epoch;

    /// <summary>The key that seals the state.</summary>
    public string KeyId => Volatile.Read(ref _key).Id;

    /// <summary>Since when that key seals the state, UTC; the minimum when that was not noted.</summary>
    public DateTimeOffset KeySince => _state.KeySince;

    /// <summary>
    /// Number of the first state that key sealed; 0 when that was not noted. Once every earlier key is destroyed, what was erased in an epoch before
    /// this one is gone from every copy of the state.
    /// </summary>
    public long KeyFromEpoch => _state.KeyFromEpoch;

    /// <summary>Opens the store in <paramref name="folder"/>, creating it when there is none, and finishes an erasure that a crash interrupted.</summary>
    /// <exception cref="LedgerLockedException">Another process has it.</exception>
    /// <exception cref="LedgerUnavailableException">The storage refuses.</exception>
    /// <exception cref="LedgerDamagedException">The key state does not open under the keys given, or is older than the last one sealed here.</exception>
    public static PayloadStore Open(string folder, PayloadStoreOptions options)
    {
        IFolderLock? folderLock = null;
        PayloadStore? store = null;
        try
        {
            options.Files.CreateDirectory(folder);
            folderLock = options.Files.Lock(folder, options.Time.GetUtcNow());
            var found = KeyStateFile.Read(options.Files, Path.Combine(folder, StateFile), [options.KeyEncryptionKey, .. options.EarlierKeys]);
            var (state, key) = found ?? (new KeyState { KeySince = options.Time.GetUtcNow(), KeyFromEpoch = 1 }, options.KeyEncryptionKey);
            store = new PayloadStore(folder, options, folderLock, state, key);
            store.Recover(found is null);
            store.FinishErasures();
            return store;
        }
        catch (Exception e)
        {
            store?._files.Dispose();
            folderLock?.Dispose();
            if (e is IOException or UnauthorizedAccessException)
            {
                throw new LedgerUnavailableException($"The payload store in {folder} cannot be opened: {e.Message}", e);
            }

            throw;
        }
    }

    /// <summary>
    /// Encrypts a payload of up to 4 MiB under its subject's key of the month and writes it. It is durable after the next <see cref="Flush"/>.
    /// </summary>
    /// <param name="subject">Whom the payload is about, normalised by the caller; seal sections about several people one by one.</param>
    /// <param name="associatedData">Authenticated, not stored: the other fields of the entry. The same bytes are needed to open.</param>
    /// <exception cref="LedgerUnavailableException">The storage refuses, now or since an earlier failure.</exception>
    public SealedRecord Seal(ReadOnlySpan<byte> subject, ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> associatedData)
    {
        if (plaintext.Length > MaximumPlaintext)
        {
            throw new ArgumentException($"A payload is at most {MaximumPlaintext} bytes long.", nameof(plaintext));
        }

        ThrowIfFailed();
        var month = PayloadLocation.MonthOf(_options.Time.GetUtcNow());
        _lock.EnterReadLock();
        while (!_state.Months.ContainsKey(month))
        {
            _lock.ExitReadLock();
            BeginMonth(month);
            _lock.EnterReadLock();
        }

        var length = PayloadFrame.HeaderSize + PayloadFrame.Overhead + plaintext.Length;
        var rented = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            return Seal(month, subject, plaintext, associatedData, rented.AsSpan(0, length));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Fail(e);
        }
        finally
        {
            _lock.ExitReadLock();
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Encrypts a payload, writes it and returns when it is on stable storage, for one that no entry of a log with this barrier refers to.</summary>
    /// <exception cref="LedgerUnavailableException">The storage refuses, or failed meanwhile.</exception>
    public SealedRecord SealDurably(ReadOnlySpan<byte> subject, ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> associatedData)
    {
        var opening = Volatile.Read(ref _opening);
        var record = Seal(subject, plaintext, associatedData);
        Flush();
        return opening == Volatile.Read(ref _opening) ? record : throw new LedgerUnavailableException("The payload storage failed meanwhile. Try again.");
    }

    /// <summary>Opens a payload and checks it against what the entry keeps of it.</summary>
    public OpenedPayload Open(SealedRecord record, ReadOnlySpan<byte> associatedData)
    {
        _lock.EnterReadLock();
        try
        {
            return OpenLocked(record.KeyRef, associatedData, record);
        }
        finally
        {
            _lock.ExitReadLock();
        }
    }

    /// <summary>Opens a payload by its reference alone; what it holds is authenticated, but not compared with an entry.</summary>
    public OpenedPayload Open(KeyRef keyRef, ReadOnlySpan<byte> associatedData)
    {
        _lock.EnterReadLock();
        try
        {
            return OpenLocked(keyRef, associatedData, null);
        }
        finally
        {
            _lock.ExitReadLock();
        }
    }

    /// <summary>Notes at which log index the entry of a payload stands. A convenience for <see cref="Find"/>; losing it loses nothing.</summary>
    public void Bind(KeyRef keyRef, long logIndex)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, logIndex);
        _lock.EnterReadLock();
        try
        {
            if (FrameHeader(keyRef, stackalloc byte[PayloadFrame.HeaderSize]) is { } found)
            {
                _files.Overwrite(found.Segment, found.Offset + PayloadFrame.LogIndexOffset, bytes);
            }
        }
        finally
        {
            _lock.ExitReadLock();
        }
    }

    /// <summary>The live payloads of a subject: reference, and log index or -1, in the order they were sealed within each month.</summary>
    public IReadOnlyList<(KeyRef KeyRef, long LogIndex)> Find(ReadOnlySpan<byte> subject)
    {
        var id = _state.SubjectId(subject);
        _lock.EnterReadLock();
        try
        {
            var found = new List<(KeyRef, long)>();
            Span<byte> header = stackalloc byte[PayloadFrame.HeaderSize];
            foreach (var month in _state.Months.Keys)
            {
                foreach (var location in LiveRows(id, month).Rows)
                {
                    _files.TrySegment(location.Month, location.Segment)!.Read(location.Offset, header);
                    found.Add((PayloadFrame.KeyRefOf(header), PayloadFrame.LogIndex(header)));
                }
            }

            return found;
        }
        finally
        {
            _lock.ExitReadLock();
        }
    }

    /// <summary>Makes everything sealed so far durable.</summary>
    /// <exception cref="LedgerUnavailableException">The storage refuses; the store takes no more payloads until it has recovered.</exception>
    public void Flush()
    {
        ThrowIfFailed();
        try
        {
            _files.Sync();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Fail(e);
        }
    }

    /// <inheritdoc/>
    public void Recover()
    {
        if (Failure is null)
        {
            return;
        }

        lock (_sweeping)
        {
            _lock.EnterWriteLock();
            try
            {
                // Before the files go: who flushes them now must see that nothing was flushed.
                Volatile.Write(ref _opening, _opening + 1);
                _key = ReadState();
                _offered = null;
                _files.Dispose();
                _files = OpenFiles();
                Recover(isNew: false);
                Volatile.Write(ref _failure, null);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw Fail(e);
            }
            finally
            {
                _lock.ExitWriteLock();
            }

            FinishErasures();
        }
    }

    /// <summary>Forbids erasing a subject. The identifier is the caller's and not personal; at most 200 characters. Durable on return.</summary>
    public void PlaceHold(ReadOnlySpan<byte> subject, HoldKind kind, string id)
    {
        if (id.Length > 200)
        {
            throw new ArgumentException("A hold's identifier is at most 200 characters long.", nameof(id));
        }

        var hold = new KeyState.Hold(_state.SubjectId(subject), kind, id);
        Change(() => !_state.Holds.Contains(hold), () => _state.Holds.Add(hold));
    }

    /// <summary>Lifts one hold; does nothing when there is none of this identifier. Durable on return.</summary>
    public void ReleaseHold(ReadOnlySpan<byte> subject, string id)
    {
        var subjectId = _state.SubjectId(subject);
        bool Match(KeyState.Hold h) => h.Subject == subjectId && string.Equals(h.Id, id, StringComparison.Ordinal);
        Change(() => _state.Holds.Exists(Match), () => _state.Holds.RemoveAll(Match));
    }

    /// <summary>
    /// Destroys the subject's keys in every month that has payloads, then index rows and ciphertext. Irrevocable. Who may ask for it is decided
    /// above; a hold is honoured here.
    /// </summary>
    /// <exception cref="LedgerUnavailableException">The storage refuses. If the keys were already destroyed, the rest is finished at the next opening.</exception>
    public ErasureOutcome Erase(ReadOnlySpan<byte> subject)
    {
        ThrowIfFailed();
        var subjectId = _state.SubjectId(subject);
        var erasure = Guid.NewGuid();
        List<KeyRef> destroyed = [];
        _lock.EnterWriteLock();
        try
        {
            var holds = _state.Holds.Where(h => h.Subject == subjectId).Select(h => h.Id).ToList();
            if (holds.Count > 0)
            {
                return new ErasureOutcome(ErasureStatus.Held, Guid.Empty, 0, MerkleTree.EmptyRoot, _state.Epoch, holds);
            }

            DestroyKeys(subjectId, erasure, destroyed);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Fail(e);
        }
        finally
        {
            _lock.ExitWriteLock();
        }

        FinishErasures();
        return new ErasureOutcome(ErasureStatus.Erased, erasure, destroyed.Count, ErasureOutcome.RootOver(destroyed), _state.Epoch, []);
    }

    /// <summary>Destroys all keys and payloads of a calendar month. False, and nothing changes, when a held subject has a payload in it.</summary>
    public bool Expire(int year, int month)
    {
        var number = year * 12 + month - 1;
        _lock.EnterWriteLock();
        try
        {
            if (_state.Holds.Exists(h => _state.Months.ContainsKey(number) && LiveRows(h.Subject, number).Rows.Count > 0))
            {
                return false;
            }

            _state.Months.Remove(number, out var keys);
            _state.Expired.Add(number);
            _state.Pending.RemoveAll(p => p.Month == number);
            using (keys?.Tree)
            {
                SealState();
            }

            _files.DeleteMonth(number);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Fail(e);
        }
        finally
        {
            _lock.ExitWriteLock();
        }
    }

    /// <summary>
    /// Seals the state under a new key-encryption key. Once it returns, destroy the old key: with it die all older copies of the state, in
    /// which erased keys still were.
    /// </summary>
    public void Reseal(IKeyEncryptionKey key)
    {
        var before = (_key, _state.KeySince, _state.KeyFromEpoch);
        try
        {
            Change(() => true, () => (_key, _state.KeySince, _state.KeyFromEpoch) = (key, _options.Time.GetUtcNow(), _state.Epoch + 1));
        }
        catch
        {
            // Not sealed, or not known to be: the store says so by refusing, and never names a key that may seal nothing.
            (_key, _state.KeySince, _state.KeyFromEpoch) = before;
            _offered = key;
            throw;
        }
    }

    /// <summary>Makes sure that the state on disk opens under the key this store names, and is the present one.</summary>
    /// <exception cref="LedgerException">It is not so, or the storage failed before.</exception>
    internal void CheckSeal()
    {
        ThrowIfFailed();
        _lock.EnterReadLock();
        try
        {
            using var stored = KeyStateFile.Read(_options.Files, Path.Combine(_folder, StateFile), [_key])?.State;
            if (stored?.Epoch != _state.Epoch)
            {
                throw new LedgerDamagedException(new LedgerFinding(LedgerFault.Inconsistent, StateFile, "The sealed key state on disk is not the present one."));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Fail(e);
        }
        finally
        {
            _lock.ExitReadLock();
        }
    }

    public void Dispose()
    {
        _files.Dispose();
        _state.Dispose();
        _folderLock.Dispose();
        _lock.Dispose();
    }

    private SealedRecord Seal(
        int month, ReadOnlySpan<byte> subject, ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> associatedData, Span<byte> frame)
    {
        Span<byte> subjectKey = stackalloc byte[PuncturableTree.KeySize];
        Span<byte> dataKey = stackalloc byte[32];
        Span<byte> masked = stackalloc byte[AesBlock.Size];
        var path = CurrentPath(_state.SubjectId(subject), month, subjectKey);
        var place = _files.Reserve(month, frame.Length);
        var isSealed = false;
        try
        {
            // Sealed block: nonce, then blinding value and plaintext encrypted, then tag. One draw of randomness fills the reference too.
            const int Random = sizeof(ulong);
            var block = frame[PayloadFrame.HeaderSize..];
            var inner = block[PayloadFrame.NonceSize..^PayloadFrame.TagSize];
            RandomPool.Fill(frame.Slice(PayloadFrame.HeaderSize - Random, Random + PayloadFrame.NonceSize + PayloadFrame.BlindSize));
            var high = BinaryPrimitives.ReadUInt64BigEndian(frame[(PayloadFrame.HeaderSize - Random)..]);
            var keyRef = new PayloadLocation(month, place.Segment.Number, place.Offset).ToKeyRef(high, _state.LocatorKey);
            DataKey(subjectKey, keyRef, dataKey);
            Span<byte> commitment = stackalloc byte[MerkleHash.Size];
            Sha256.Hmac(inner[..PayloadFrame.BlindSize], plaintext, commitment);
            plaintext.CopyTo(inner[PayloadFrame.BlindSize..]);
            GcmSealer.OfThread.Seal(dataKey, block[..PayloadFrame.NonceSize], inner, inner, block[^PayloadFrame.TagSize..], associatedData);
            Mask(keyRef, path, masked);
            PayloadFrame.WriteHeader(frame, PayloadFrame.Live, keyRef, masked);
            Span<byte> hash = stackalloc byte[MerkleHash.Size];
            Sha256.Hash(block, hash);
            isSealed = true;
            _files.Put(place, frame, _state.Tag(path));
            return new SealedRecord(keyRef, new MerkleHash(hash), new MerkleHash(commitment));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(subjectKey);
            CryptographicOperations.ZeroMemory(dataKey);
            if (!isSealed)
            {
                frame.Clear();
                place.Segment.Abandon(place);
            }
        }
    }

    private OpenedPayload OpenLocked(KeyRef keyRef, ReadOnlySpan<byte> associatedData, SealedRecord? expected)
    {
        var month = PayloadLocation.Of(keyRef, _state.LocatorKey).Month;
        if (_state.Expired.Contains(month))
        {
            return OpenedPayload.Not(PayloadState.Expired);
        }

        Span<byte> header = stackalloc byte[PayloadFrame.HeaderSize];
        if (FrameHeader(keyRef, header) is not { } found)
        {
            return OpenedPayload.Not(PayloadState.Missing);
        }

        if (PayloadFrame.IsErased(header))
        {
            return OpenedPayload.Not(PayloadState.Erased);
        }

        Span<byte> subjectKey = stackalloc byte[PuncturableTree.KeySize];
        var path = Unmask(keyRef, PayloadFrame.Subject(header));
        if (!_state.Months.TryGetValue(month, out var keys) || !keys.Tree.TryDerive(path, subjectKey))
        {
            return OpenedPayload.Not(PayloadState.Erased);
        }

        var length = PayloadFrame.SealedLength(header);
        if (length is < PayloadFrame.Overhead or > PayloadFrame.Overhead + MaximumPlaintext)
        {
            return OpenedPayload.Not(PayloadState.Corrupt);
        }

        var block = new byte[length];
        Span<byte> dataKey = stackalloc byte[32];
        DataKey(subjectKey, keyRef, dataKey);
        var plaintext = found.Segment.Read(found.Offset + PayloadFrame.HeaderSize, block) == length
            && (expected is not { } hashed || new MerkleHash(SHA256.HashData(block)) == hashed.CiphertextHash)
                ? Decrypt(dataKey, block, associatedData, expected?.Commitment)
                : null;
        CryptographicOperations.ZeroMemory(subjectKey);
        CryptographicOperations.ZeroMemory(dataKey);
        return plaintext is null ? OpenedPayload.Not(PayloadState.Corrupt) : new OpenedPayload(PayloadState.Opened, plaintext);
    }

    private static byte[]? Decrypt(ReadOnlySpan<byte> dataKey, ReadOnlySpan<byte> block, ReadOnlySpan<byte> associatedData, MerkleHash? commitment)
    {
        var inner = new byte[block.Length - PayloadFrame.NonceSize - PayloadFrame.TagSize];
        try
        {
            using var aes = new AesGcm(dataKey, PayloadFrame.TagSize);
            var ciphertext = block[PayloadFrame.NonceSize..^PayloadFrame.TagSize];
            aes.Decrypt(block[..PayloadFrame.NonceSize], ciphertext, block[^PayloadFrame.TagSize..], inner, associatedData);
            var plaintext = inner.AsSpan(PayloadFrame.BlindSize);
            var bound = commitment is not { } expected
                || new MerkleHash(HMACSHA256.HashData(inner.AsSpan(0, PayloadFrame.BlindSize), plaintext)) == expected;
            return bound ? plaintext.ToArray() : null;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(inner);
        }
    }

    // Keys first: once the new state is sealed, nothing on disk can bring the subject's keys back.
    private void DestroyKeys(MerkleHash subjectId, Guid erasure, List<KeyRef> destroyed)
    {
        List<PuncturableTree> replaced = [];
        foreach (var (month, keys) in _state.Months)
        {
            var (rows, path) = LiveRows(subjectId, month);
            if (rows.Count == 0)
            {
                continue;
            }

            _files.Visit(rows, (_, _, frame) => destroyed.Add(PayloadFrame.KeyRefOf(frame)));

            replaced.Add(keys.Tree);
            keys.Tree = keys.Tree.Puncture(path);
            keys.Generations++;
            _state.Pending.Add(new KeyState.PendingErasure(month, _state.Tag(path), erasure, rows));
        }

        try
        {
            if (replaced.Count > 0)
            {
                SealState();
            }
        }
        finally
        {
            replaced.ForEach(tree => tree.Dispose());
        }
    }

    private void FinishErasures()
    {
        lock (_sweeping)
        {
            KeyState.PendingErasure[] pending;
            _lock.EnterReadLock();
            pending = [.. _state.Pending];
            _lock.ExitReadLock();
            if (pending.Length == 0)
            {
                return;
            }

            try
            {
                // What is overwritten must be in the files, or it would be written there afterwards.
                _files.Sync();
                foreach (var erasure in pending)
                {
                    Overwrite(erasure.Rows, erasure.Erasure);

                    _files.Sync();
                    _files.Forget(erasure.Month, erasure.Tag);
                }

                Change(() => true, () => _state.Pending.RemoveAll(pending.Contains));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw Fail(e);
            }
        }
    }

    // Length and reference are rewritten as they are, so a torn write keeps them and this can be done again. Frames that lie side by side
    // share a write.
    private void Overwrite(IReadOnlyList<PayloadLocation> rows, Guid erasure)
    {
        var name = erasure.ToByteArray();
        var tombstones = new ArrayBufferWriter<byte>();
        var (first, start) = (default(PayloadSegment), 0L);
        _files.Visit(rows, (segment, offset, header) =>
        {
            var length = PayloadFrame.HeaderSize + PayloadFrame.SealedLength(header);
            if (length > PayloadFrame.HeaderSize + PayloadFrame.Overhead + MaximumPlaintext)
            {
                throw new IOException($"The payload at byte {offset} of {PayloadSegment.FileName(segment.Month, segment.Number)} is damaged and cannot be overwritten.");
            }

            if (segment != first || offset != start + tombstones.WrittenCount || tombstones.WrittenCount >= TombstoneBytes)
            {
                Write();
                (first, start) = (segment, offset);
            }

            var frame = tombstones.GetSpan(length)[..length];
            frame.Clear();
            PayloadFrame.WriteHeader(frame, PayloadFrame.Erased, PayloadFrame.KeyRefOf(header), name);
            tombstones.Advance(length);
        });
        Write();

        void Write()
        {
            if (tombstones.WrittenCount > 0)
            {
                _files.Overwrite(first!, start, tombstones.WrittenSpan);
                tombstones.ResetWrittenCount();
            }
        }
    }

    private PayloadFiles OpenFiles() => new(
        _options.Files,
        _folder,
        _options.MaximumSegmentBytes,
        _options.Ahead,
        keyRef => PayloadLocation.Of(keyRef, _state.LocatorKey),
        (keyRef, masked) => _state.Tag(Unmask(keyRef, masked)));

    // Takes the state back to what is sealed on disk: a change whose seal failed may or may not have got there. Returns the key that seals it.
    private IKeyEncryptionKey ReadState()
    {
        IKeyEncryptionKey[] keys = _offered is { } offered ? [_key, offered] : [_key];
        var (stored, key) = KeyStateFile.Read(_options.Files, Path.Combine(_folder, StateFile), keys)
            ?? throw Inconsistent("There is no key state any more.");
        if (!_folderLock.IsHeld || stored.Epoch < _sealedEpoch || stored.Epoch > _state.Epoch)
        {
            stored.Dispose();
            throw Inconsistent($"The key state on disk is of epoch {stored.Epoch}; this process sealed {_sealedEpoch}. Somebody else wrote here, or put an older copy back.");
        }

        _state.Become(stored);
        _sealedEpoch = _state.Epoch;
        return key;
    }

    private static LedgerDamagedException Inconsistent(string message) => new(new LedgerFinding(LedgerFault.Inconsistent, StateFile, message));

    private void Recover(bool isNew)
    {
        // The state that was read may stand in a rename that is not durable yet.
        _options.Files.SyncDirectory(_folder);

        // The epoch is noted after its seal: a crash in between leaves the note behind, never ahead.
        var noted = AtomicFile.Read(_options.Files, Path.Combine(_folder, EpochFile), sizeof(long)) is { Length: sizeof(long) } bytes
            ? BinaryPrimitives.ReadInt64LittleEndian(bytes)
            : 0;
        if (noted > _state.Epoch)
        {
            throw new LedgerDamagedException(new LedgerFinding(LedgerFault.Inconsistent, StateFile,
                $"The key state is of epoch {_state.Epoch}, and epoch {noted} was sealed here: an older copy was put back, in which erased keys may be."));
        }

        if (isNew)
        {
            if (_files.Months().Count > 0)
            {
                throw new LedgerDamagedException(new LedgerFinding(LedgerFault.FileMissing, StateFile, "There are payloads but no key state."));
            }

            SealState();
        }

        // A crash while a month expired may have left its folder.
        foreach (var month in _files.Months().Where(_state.Expired.Contains))
        {
            _files.DeleteMonth(month);
        }

        _files.Recover(PayloadLocation.MonthOf(_options.Time.GetUtcNow()));
    }

    private void BeginMonth(int month) => Change(
        () => !_state.Months.ContainsKey(month),
        () => _state.Months.Add(month, new KeyState.MonthKeys { Tree = PuncturableTree.Create() }));

    private void Change(Func<bool> needed, Action change)
    {
        ThrowIfFailed();
        _lock.EnterWriteLock();
        try
        {
            if (needed())
            {
                change();
                SealState();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Fail(e);
        }
        finally
        {
            _lock.ExitWriteLock();
        }
    }

    private void SealState()
    {
        _state.Epoch++;
        KeyStateFile.Write(_options.Files, Path.Combine(_folder, StateFile), _state, _key);
        AtomicFile.Write(_options.Files, Path.Combine(_folder, EpochFile), BitConverter.GetBytes(_state.Epoch));
        _sealedEpoch = _state.Epoch;
    }

    // The subject's first generation that is not punctured, and its key.
    private ulong CurrentPath(MerkleHash subjectId, int month, Span<byte> key)
    {
        var keys = _state.Months[month];
        for (var generation = 0; generation <= keys.Generations; generation++)
        {
            var path = _state.Path(subjectId, generation);
            if (keys.Tree.TryDerive(path, key))
            {
                return path;
            }
        }

        throw new InvalidOperationException("Every generation of a path is punctured.");
    }

    private (IReadOnlyList<PayloadLocation> Rows, ulong Path) LiveRows(MerkleHash subjectId, int month)
    {
        Span<byte> key = stackalloc byte[PuncturableTree.KeySize];
        var path = CurrentPath(subjectId, month, key);
        key.Clear();
        return (_files.Find(month, _state.Tag(path)), path);
    }

    // The frame of this reference, its header read; null when the store holds none.
    private (PayloadSegment Segment, uint Offset)? FrameHeader(KeyRef keyRef, Span<byte> header)
    {
        var location = PayloadLocation.Of(keyRef, _state.LocatorKey);
        return _files.TrySegment(location.Month, location.Segment) is { } segment
            && segment.Read(location.Offset, header) == header.Length
            && PayloadFrame.KeyRefOf(header) == keyRef
            && PayloadFrame.HasKnownState(header)
                ? (segment, location.Offset)
                : null;
    }

    private static void DataKey(ReadOnlySpan<byte> subjectKey, KeyRef keyRef, Span<byte> dataKey)
    {
        Span<byte> salt = stackalloc byte[KeyRef.Size];
        keyRef.CopyTo(salt);
        Sha256.DeriveKey(subjectKey, salt, KeyInfo, dataKey);
    }

    private void Mask(KeyRef keyRef, ulong path, Span<byte> masked)
    {
        Span<byte> block = stackalloc byte[AesBlock.Size];
        keyRef.CopyTo(block);
        AesBlock.Encrypt(_state.MaskKey, block, masked);
        BinaryPrimitives.WriteUInt64BigEndian(masked, BinaryPrimitives.ReadUInt64BigEndian(masked) ^ path);
    }

    private ulong Unmask(KeyRef keyRef, ReadOnlySpan<byte> masked)
    {
        Span<byte> pad = stackalloc byte[AesBlock.Size];
        Mask(keyRef, 0, pad);
        return BinaryPrimitives.ReadUInt64BigEndian(masked) ^ BinaryPrimitives.ReadUInt64BigEndian(pad);
    }

    private void ThrowIfFailed()
    {
        if (Failure is { } failure)
        {
            throw new LedgerUnavailableException(failure);
        }
    }

    private LedgerUnavailableException Fail(Exception e)
    {
        Volatile.Write(ref _failure, $"The payload storage failed and takes no payloads until it has recovered: {e.Message}");
        return new LedgerUnavailableException(_failure!, e);
    }
}
