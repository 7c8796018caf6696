internal import CProcessor

/// Whether this processor can run what `Forecasting` is compiled for.
///
/// On x86-64 that target is compiled for x86-64-v3 (AVX2, FMA, BMI2); an older processor would end the program with an
/// illegal instruction somewhere in the middle of it. This target is compiled for the baseline, so that asking is safe:
/// ask before the first forecast.
public enum ProcessorSupport {
    /// What is missing, such as `["AVX2"]`; empty where everything runs. Always empty on 64-bit ARM.
    public static var missingFeatures: [String] {
        #if arch(x86_64)
            var missing: [String] = []
            if !suyo_processor_has_avx2() { missing.append("AVX2") }
            if !suyo_processor_has_fma() { missing.append("FMA") }
            if !suyo_processor_has_bmi2() { missing.append("BMI2") }
            return missing
        #else
            return []
        #endif
    }

    /// One sentence for a person whose processor lacks something; `nil` where nothing is missing.
    public static var complaint: String? {
        let missing = missingFeatures
        guard !missing.isEmpty else { return nil }
        return "This processor lacks \(missing.joined(separator: ", ")), which Suyo's x86-64 build needs: "
            + "use a machine of 2013 or later, or allow these features in the virtual machine's CPU model."
    }
}
