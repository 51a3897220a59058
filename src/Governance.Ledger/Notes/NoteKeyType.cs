namespace Governance.Ledger;

/// <summary>Signature types of signed notes, with the bytes C2SP assigned to them.</summary>
public enum NoteKeyType : byte
{
    /// <summary>Not a type.</summary>
    None = 0,

    /// <summary>Ed25519 over the note's text (RFC 8032).</summary>
    Ed25519 = 0x01,

    /// <summary>ECDSA on P-256 with SHA-256 over the note's text, in ASN.1 DER.</summary>
    EcdsaP256 = 0x02,

    /// <summary>A witness's timestamped Ed25519 signature over a checkpoint (tlog-cosignature).</summary>
    Ed25519Cosignature = 0x04,

    /// <summary>A timestamped ML-DSA-44 signature over a checkpoint (tlog-cosignature, FIPS 204), by a witness or, with time 0, by the log itself.</summary>
    MlDsa44Cosignature = 0x06,
}
