using System.Text;

namespace Governance.Serving.Recording;

/// <summary>How a data subject's identifier becomes the bytes keys are derived from: NFC, trimmed, case kept, UTF-8. The same everywhere, or erasure misses records.</summary>
public static class Subjects
{
    public static byte[] Key(string subject) => Encoding.UTF8.GetBytes(Normalize(subject));

    internal static string Normalize(string subject) => subject.Trim().Normalize(NormalizationForm.FormC);
}
